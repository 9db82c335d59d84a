/** Writes the launchd property list of the service on macOS. */

/** Label of the job and name of its file. */
export const LAUNCHD_LABEL = 'org.hyper-store.service'

/** What a job depends on. */
export interface JobRequest {
  /** Program and arguments, the program absolute. */
  readonly command: readonly string[]
  readonly home: string
  readonly logFile: string
}

/** The text of a property list: started with the session or the machine, and again whenever it ends. */
export function jobText(request: JobRequest): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LAUNCHD_LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${request.command.map((word) => `    <string>${escapeXml(word)}</string>`).join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>HYPER_STORE_HOME</key>
    <string>${escapeXml(request.home)}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
  <key>StandardOutPath</key>
  <string>${escapeXml(request.logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(request.logFile)}</string>
</dict>
</plist>
`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')
}
