// Runs one named step of a check as a child process: shows or collects its output, reports its time.
import { spawn } from 'node:child_process';

/**
 * @param {{ name: string, command: string, args: string[], env?: Record<string, string> }} step
 * @param {{ quiet?: boolean }} [options] quiet: collect the output instead of showing it
 * @returns {Promise<{ name: string, ok: boolean, output: string }>}
 */
export function runStep({ name, command, args, env = {} }, { quiet = false } = {}) {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env }
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    let problem = '';
    child.on('error', (cause) => (problem = `cannot start ${command}: ${cause.message}`));
    child.on('close', (code) => {
      const ok = code === 0;
      const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${took}`);
      resolve({ name, ok, output: `${Buffer.concat(chunks).toString()}${problem}` });
    });
  });
}
