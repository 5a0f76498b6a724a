import Glibc

/// A program that runs beside a test, and is ended with it.
package final class BackgroundProcess {
  private let process: pid_t
  private let log: String

  /// - Parameter log: the file that takes what it prints.
  package init(_ command: [String], log: String, environment: [String: String] = [:]) throws {
    guard let path = command.first.flatMap({ $0.contains("/") ? $0 : Processes.find($0) }) else {
      throw FileFailure(operation: "find", path: command.first ?? "", code: ENOENT)
    }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let words =
      ["/usr/bin/env"] + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + [path]
      + command.dropFirst()
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, "/usr/bin/env", &actions, nil, arguments, environ)
    guard code == 0 else { throw FileFailure(operation: "start", path: path, code: code) }
    self.process = process
    self.log = log
  }

  /// The port that it was given by the system and says in its log, in words `listening on 127.0.0.1:<port>`.
  ///
  /// A port that a test has looked for beforehand may be another's by the time that the server takes it.
  /// - Throws: what it has printed, if it says none within twenty seconds.
  package func loopbackPort() throws -> Int {
    var text = ""
    for _ in 0..<1000 {
      text = String(decoding: try Files.read(log), as: UTF8.self)
      let words = "listening on 127.0.0.1:"
      if let place = text.firstRange(of: words) {
        let rest = text[place.upperBound...]
        let digits = rest.prefix { $0.isNumber }
        // What follows the number has been written too.
        if digits.count < rest.count, let port = Int(digits) { return port }
      }
      usleep(20_000)
    }
    throw FileFailure(operation: "wait for a server: \(text)", path: log, code: ETIMEDOUT)
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    _ = unsafe waitpid(process, &status, 0)
  }
}

/// Debian's `docker-registry` on a loopback port, with its files in a folder of the test.
package final class DockerRegistry {
  package static let isInstalled = Processes.find("docker-registry") != nil

  package let port: Int
  package let folder: String
  private let process: BackgroundProcess

  /// `127.0.0.1:<port>`
  package var authority: String { "127.0.0.1:\(port)" }

  /// - Parameters:
  ///   - users: names and passwords, kept by `htpasswd`; without any, everybody may do everything.
  ///   - certificate: paths of a certificate and its key; nil for plain http.
  ///   - settings: more lines of its configuration.
  package init(
    _ folder: String, users: [(name: String, password: String)] = [],
    certificate: (certificate: String, key: String)? = nil, settings: String = ""
  ) throws {
    self.folder = folder
    try Files.createFolder(folder + "/data")
    var text = """
      version: 0.1
      log: {level: info, formatter: json}
      storage: {filesystem: {rootdirectory: \(folder)/data}, delete: {enabled: true}}
      http:
        addr: 127.0.0.1:0

      """
    if let certificate {
      text += "  tls: {certificate: \(certificate.certificate), key: \(certificate.key)}\n"
    }
    if !users.isEmpty {
      text += "auth: {htpasswd: {realm: tests, path: \(folder)/htpasswd}}\n"
      for (index, user) in users.enumerated() {
        let made = try Processes.run(
          "htpasswd", (index == 0 ? ["-c"] : []) + ["-i", "-B", "-C", "4", folder + "/htpasswd", user.name],
          input: Array(user.password.utf8))
        guard made.status == 0 else {
          throw FileFailure(operation: made.errorText, path: "htpasswd", code: made.status)
        }
      }
    }
    text += settings
    try Files.write(Array(text.utf8), to: folder + "/config.yml")
    process = try BackgroundProcess(
      ["docker-registry", "serve", folder + "/config.yml"], log: folder + "/log")
    port = try process.loopbackPort()
  }
}
