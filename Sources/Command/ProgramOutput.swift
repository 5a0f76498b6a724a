import Glibc

/// What a program answers, started for that alone.
struct ProgramOutput {
  /// The exit status; 128 when a signal ended the program.
  let status: Int32
  /// What it wrote to standard output. Its messages go to standard error.
  let bytes: [UInt8]

  /// Why there is no answer, with the number of the system's error.
  enum Problem: Error {
    /// The way to and from the program could not be made.
    case pipe(Int32)
    /// The program could not be started.
    case start(Int32)
    /// Nobody can say how the program ended.
    case lost(Int32)

    var number: Int32 {
      switch self {
      case .pipe(let number), .start(let number), .lost(let number): number
      }
    }
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - words: the program, a path or a name that is looked up in PATH, and its arguments.
  ///   - input: what it reads from standard input.
  init(of words: [String], input: [UInt8] = []) throws(Problem) {
    // Input in a file without a name: the program can read it whenever it likes, and nobody waits for anybody.
    guard let file = unsafe tmpfile() else { throw .pipe(errno) }
    defer { unsafe fclose(file) }
    let source = unsafe fileno(file)
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .pipe(errno) }
    defer { close(ends[0]) }
    for descriptor in ends + [source] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    guard writeAll(source, input), lseek(source, 0, SEEK_SET) == 0 else {
      let number = errno
      close(ends[1])
      throw .pipe(number)
    }
    let child = try Self.start(words, input: source, output: ends[1])
    var output: [UInt8] = []
    while true {
      var count = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, initialized in
        count = unsafe read(ends[0], buffer.baseAddress, buffer.count)
        initialized = max(0, count)
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      output += chunk
    }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .lost(errno) }
    }
    self.status = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128
    bytes = output
  }

  /// Starts the program, and closes this side's copy of where it writes to.
  private static func start(_ words: [String], input: Int32, output: Int32) throws(Problem) -> pid_t {
    defer { close(output) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
    for word in words { unsafe arguments.append(strdup(word)) }
    unsafe arguments.append(nil)
    defer { for index in words.indices { unsafe free(arguments[index]) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, words.first ?? "", &actions, nil, arguments, environ)
    guard failure == 0 else { throw .start(failure) }
    return child
  }
}
