// The browsers the tests drive are the system's own (Debian's packages); Playwright downloads none.

export const chromiumLaunch = {
  executablePath: process.env.ROOST_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic'
  ]
};

/** The same engine without windows, tabs and all that belongs to them: a test on two devices takes a quarter less of the
 * processor. It knows no app that is installed. */
export const chromiumShellLaunch = {
  ...chromiumLaunch,
  executablePath: process.env.ROOST_CHROMIUM ?? '/usr/bin/chromium-headless-shell'
};

export const firefoxLaunch = {
  executablePath: process.env.ROOST_FIREFOX ?? '/usr/bin/firefox-esr'
};
