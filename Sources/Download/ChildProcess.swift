import Glibc

/// A program of the host that is run to its end.
struct ChildProcess {
  var arguments: [String]
  /// The whole environment, as `NAME=value`.
  var environment: [String]
  /// A folder for what it writes.
  var scratch: String
  /// Readable once it is to be killed; -1 for none.
  var cancel: CInt = -1

  enum Failure: Error {
    /// `errno`.
    case start(Int32)
    case cancelled
  }

  struct Result {
    /// The exit status, or 128 and the signal.
    var status: Int32
    var output: [UInt8]
    var error: [UInt8]
  }

  /// Runs the program, which is looked for in PATH, in a process group of its own.
  func run() throws(Failure) -> Result {
    // Files instead of pipes: nothing can block, however much is written.
    let (output, error) = (scratch + "/output", scratch + "/error")
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, error, writing, 0o600)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var process: pid_t = 0
    let code = unsafe Self.withCStrings(arguments) { arguments in
      unsafe Self.withCStrings(environment) { environment in
        guard let program = unsafe arguments[0] else { return ENOENT }
        return unsafe posix_spawnp(&process, program, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else { throw .start(code) }
    var status: Int32 = 0
    while true {
      let answer = unsafe waitpid(process, &status, WNOHANG)
      if answer == process { break }
      if answer < 0, errno != EINTR { throw .start(errno) }
      var watch = pollfd(fd: cancel, events: Int16(POLLIN), revents: 0)
      // Without a descriptor this only waits.
      if unsafe poll(&watch, 1, 10) == 1, watch.revents != 0 {
        kill(-process, SIGKILL)
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        throw .cancelled
      }
    }
    let signal = status & 0x7F
    return Result(
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: Self.read(output),
      error: Self.read(error))
  }

  /// Up to 1 MiB of a file; nothing of one that cannot be read.
  private static func read(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while content.count < 1 << 20 {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      content += buffer[..<count]
    }
    return content
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(pointers)
  }

  /// The variables of this process.
  static func inherited() -> [String] {
    var result: [String] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      unsafe result.append(String(cString: text))
      unsafe entry += 1
    }
    return result
  }
}
