import FileTree
import Glibc
import ImageStore

/// An ssh-agent of this build's own with the keys of `--ssh NAME=KEYFILE`: the keys themselves stay out of every RUN,
/// which can only have things signed.
///
/// Its socket is in a folder of the store that nobody else can enter. It ends with the build, however that ends: a shell
/// that holds one end of a pipe ends it as soon as the other end is closed, which the kernel does for a process that is
/// killed. (The kernel's own signal for that, PR_SET_PDEATHSIG, is lost where ssh-agent is setgid.)
final class KeyAgent {
  /// The absolute path of the socket.
  let socket: [UInt8]
  private let folder: [UInt8]
  private let shell: pid_t
  /// Closed, it ends the agent.
  private let leash: CInt

  /// Why there is no agent.
  enum Problem: Error {
    /// A program of openssh-client is not in PATH.
    case missing(String)
    /// A program could not be started, by the number of the system's error.
    case start(Int32)
    /// What the agent said before it ended.
    case agent(String)
    /// A key that only a passphrase opens.
    case passphrase(String)
    /// A file that is no key, and what ssh-add says of it.
    case key(String, String)
    /// A file that cannot be read, and the number of the system's error.
    case file(String, Int32)
    case store(StoreError)
  }

  private static let programs = ["ssh-agent", "ssh-add"]
  /// The name of the socket in its folder, which is used from there: a path of a socket has 107 bytes at most.
  private static let name = "agent"

  /// Starts the agent and loads the keys.
  /// - Parameter keys: paths of files.
  init(keys: [String], store: OCILayoutStore) throws(Problem) {
    for program in Self.programs {
      let found = try Self.run("command -v \"$1\"", program)
      if found.status != 0 { throw .missing(program) }
    }
    do throws(StoreError) {
      folder = try store.makeTemporaryFolder()
    } catch {
      throw .store(error)
    }
    socket = folder + Array("/\(Self.name)".utf8)
    (shell, leash) = try Self.start(in: String(decoding: folder, as: UTF8.self))
    do throws(Problem) {
      try waitForSocket()
      for key in keys { try add(key) }
    } catch {
      end()
      throw error
    }
  }

  /// Ends the agent and removes its socket. Nothing else may be called afterwards.
  func end() {
    close(leash)
    var status: Int32 = 0
    while unsafe waitpid(shell, &status, 0) < 0, errno == EINTR {}
    let path = BytePath(folder)
    // The store sweeps up what cannot be removed now.
    try? Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
  }

  /// A shell in a process group of its own, which Ctrl-C does not reach: it is this process that ends it.
  private static func start(in folder: String) throws(Problem) -> (pid_t, CInt) {
    var ends: [CInt] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .start(errno) }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Whoever started this process may have left signals blocked, and a shell waits for SIGCHLD.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    let script = """
      cd "$1" || exit
      ssh-agent -D -a \(name) </dev/null 2>log &
      read -r line
      kill $!
      wait
      """
    let words = ["/bin/sh", "-c", script, "sh", folder]
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawn(&child, words[0], &actions, &attributes, arguments, environ)
    guard failure == 0 else {
      close(ends[1])
      throw .start(failure)
    }
    return (child, ends[1])
  }

  private func waitForSocket() throws(Problem) {
    let path = String(decoding: socket, as: UTF8.self)
    // The socket is the first thing that the agent makes.
    for _ in 0..<1000 {
      if unsafe access(path, F_OK) == 0 { return }
      usleep(10_000)
      let said = log()
      if !said.isEmpty { throw .agent(said) }
    }
    throw .agent("it has made no socket")
  }

  /// The last line of what the agent says.
  private func log() -> String {
    let text = try? Directory(opening: BytePath(folder)).readFile("log", followingLink: false, limit: 1 << 16)
    return Self.lastLine(text ?? [])
  }

  /// Loads a key. It goes through a pipe, so that the file's permissions are nobody's concern.
  private func add(_ key: String) throws(Problem) {
    let text: [UInt8]
    do throws(FileError) {
      text = try Directory(opening: "/").readFile(BytePath(key), followingLink: true, limit: 1 << 20)
    } catch {
      throw .file(key, error.code)
    }
    // ssh-add would ask whoever sits at the terminal.
    if Self.isLocked(text) { throw .passphrase(key) }
    let folder = String(decoding: folder, as: UTF8.self)
    let script = """
      cd "$2" && cat -- "$1" | SSH_AUTH_SOCK=\(Self.name) DISPLAY= WAYLAND_DISPLAY= ssh-add -q - 2>&1
      """
    let added = try Self.run(script, key, folder)
    guard added.status != 0 else { return }
    let said = Self.lastLine(added.bytes)
    let prefix = "Error loading key \"(stdin)\": "
    throw .key(key, said.hasPrefix(prefix) ? String(said.dropFirst(prefix.count)) : said)
  }

  /// Whether a private key needs a passphrase. PEM says so in a word (RFC 1421, RFC 5958); OpenSSH's own format begins
  /// with `openssh-key-v1`, a zero, and the name of a cipher with its length in front: without a passphrase that is
  /// `none`, and all of it in base64 the text below.
  private static func isLocked(_ text: [UInt8]) -> Bool {
    let text = String(decoding: text, as: UTF8.self)
    if text.contains("ENCRYPTED") { return true }
    let lines = text.split { $0.isNewline }
    guard let head = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN OPENSSH PRIVATE KEY-----") }) else {
      return false
    }
    let body = lines[(head + 1)...].joined()
    return !body.hasPrefix("b3BlbnNzaC1rZXktdjEAAAAABG5vbm")
  }

  private static func run(_ script: String, _ arguments: String...) throws(Problem) -> ProgramOutput {
    do throws(ProgramOutput.Problem) {
      return try ProgramOutput(of: ["/bin/sh", "-c", script, "sh"] + arguments)
    } catch {
      throw .start(error.number)
    }
  }

  private static func lastLine(_ bytes: [UInt8]) -> String {
    let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
    return String(decoding: lines.last ?? [], as: UTF8.self)
  }
}

extension KeyAgent.Problem {
  /// What is wrong, and what to do.
  var sentence: String {
    switch self {
    case .missing(let program):
      "key files need ssh-agent and ssh-add, and `\(program)` is not in PATH (Debian: openssh-client)"
    case .start(let number): "ssh-agent cannot be started: \(errorText(number))"
    case .agent(let text): "ssh-agent: \(text)"
    case .passphrase(let key):
      "\(key) has a passphrase, which a build cannot ask for; load it with ssh-add, and give the agent: --ssh default"
    case .key(let path, let text): "\(path) is no private key: \(text)"
    case .file(let path, let number): "\(path): \(errorText(number))"
    case .store(let error): storeSentence(error)
    }
  }
}
