// What the host must put right before Roost can start: one line that says what to do. main.ts prints it.

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
