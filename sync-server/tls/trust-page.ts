// The page that people open from a phone before it trusts this server: what to download, where to tap, and how to
// check that it is the right certificate. Plain HTML: it must work on any device, over plain http.

/** Where the page, its style and the certificate are. */
export const TRUST_PATH = '/trust';
export const TRUST_STYLE_PATH = '/trust/style.css';
export const CERTIFICATE_PATH = '/trust/ca.crt';

interface Steps {
  readonly system: string;
  readonly steps: readonly string[];
}

const DOWNLOAD = `<a href="${CERTIFICATE_PATH}">Download the certificate</a>`;

const SYSTEMS: readonly Steps[] = [
  {
    system: 'iPhone and iPad',
    steps: [
      `In Safari: ${DOWNLOAD}, and allow it.`,
      'Open Settings. At the top, tap <strong>Profile Downloaded</strong>, then <strong>Install</strong>.',
      'In Settings, open <strong>General</strong>, <strong>About</strong>, <strong>Certificate Trust Settings</strong>, and switch the Roost certificate on.',
      'Open Roost in Safari, then Share, <strong>Add to Home Screen</strong>.'
    ]
  },
  {
    system: 'Android',
    steps: [
      `${DOWNLOAD}.`,
      'Open Settings and search for <strong>CA certificate</strong> (usually under Security, More security settings, Encryption and credentials, Install a certificate).',
      'Choose <strong>CA certificate</strong>, then <strong>Install anyway</strong>, and pick the file <code>roost-ca.crt</code>.',
      'Open Roost in Chrome, then the menu, <strong>Add to Home screen</strong>. Firefox: in its settings, About Firefox, tap the logo five times, then in Secret settings switch on <strong>Use third party CA certificates</strong>.'
    ]
  },
  {
    system: 'Windows',
    steps: [
      `${DOWNLOAD} and open the file.`,
      'Choose <strong>Install Certificate</strong>, <strong>Current User</strong>, <strong>Place all certificates in the following store</strong>, <strong>Trusted Root Certification Authorities</strong>.',
      'Confirm, and start the browser anew. Firefox takes it over by itself.'
    ]
  },
  {
    system: 'macOS',
    steps: [
      `${DOWNLOAD} and open the file: Keychain Access takes it into the login keychain.`,
      'Double-click the Roost certificate, open <strong>Trust</strong>, and set <strong>When using this certificate</strong> to <strong>Always Trust</strong>.',
      'Close the window, confirm with your password, and start the browser anew.'
    ]
  },
  {
    system: 'Linux, and Firefox anywhere',
    steps: [
      `${DOWNLOAD}.`,
      'Firefox: Settings, Privacy &amp; Security, <strong>View Certificates</strong>, <strong>Authorities</strong>, <strong>Import</strong>; tick <strong>Trust this CA to identify websites</strong>.',
      'Chrome and Chromium: open <code>chrome://certificate-manager</code>, Local certificates, <strong>Installed by you</strong>, Trusted certificates, <strong>Import</strong>.',
      'The whole system, on Debian and Ubuntu: copy the file to <code>/usr/local/share/ca-certificates/roost.crt</code>, then run <code>sudo update-ca-certificates</code>.'
    ]
  }
];

export interface TrustPage {
  /** Name of the server. */
  readonly name: string;
  /** SHA-256, pairs of hex digits. */
  readonly fingerprint: string;
  /** The Host header of the request, or null when it is none to make a link of. */
  readonly host: string | null;
}

export function renderTrustPage({ name, fingerprint, host }: TrustPage): string {
  const open =
    host === null
      ? ''
      : `<a class="button" href="https://${escapeHtml(host)}/">Open Roost at https://${escapeHtml(host)}</a>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this server · Roost</title>
<link rel="stylesheet" href="${TRUST_STYLE_PATH}">
</head>
<body>
<main>
<h1>Let this device trust ${escapeHtml(name)}</h1>
<p class="lead">This server is on your own network, so no public authority vouches for it. It made a certificate of its
own. Install it once on each device; then Roost can be added to the home screen, work offline and send
notifications.</p>
<p>The certificate can vouch for addresses of private networks and this machine only, not for any site on the
internet.</p>
<div class="actions">
<a class="button primary" href="${CERTIFICATE_PATH}">Download the certificate</a>
${open}
</div>
${SYSTEMS.map(renderSystem).join('\n')}
<h2>Is it the right one?</h2>
<p>The computer that runs Roost prints the same SHA-256 fingerprint when it starts:</p>
<p><code>${escapeHtml(fingerprint).replaceAll(':', ':<wbr>')}</code></p>
<p class="note">Without the certificate you can chat at the plain http address too, but the app cannot be installed
there, and nothing is kept for offline starts.</p>
</main>
</body>
</html>
`;
}

const renderSystem = ({ system, steps }: Steps): string =>
  `<details name="system"><summary>${system}</summary><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></details>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
