import Glibc
import JSONText
import OCIModel

/// A program `docker-credential-<name>` that keeps credentials (docker/docker-credential-helpers: the operation is its
/// argument, what it is about comes on standard input).
struct CredentialHelper: Sendable {
  let name: String
  /// The folder of the program; nil for any of PATH.
  var folder: String?

  private var program: String { "docker-credential-\(name)" }

  /// The credential of a server; nil if the helper has none.
  func get(_ server: String) throws(CredentialError) -> Credential? {
    let (status, output) = try run("get", Array(server.utf8))
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else {
      // The protocol has no other sign for it than these words.
      if text.contains("credentials not found") { return nil }
      throw failure(status, text)
    }
    guard let answer = try? JSONReader.read(output, limit: 1 << 20),
      case .string(let user)? = answer["Username"],
      case .string(let secret)? = answer["Secret"]
    else {
      throw .helperFailed(name: program, status: 0, message: "its answer is not what the protocol says")
    }
    if user.isEmpty, secret.isEmpty { return nil }
    return user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret)
  }

  func store(_ server: String, user: String, password: String) throws(CredentialError) {
    let document = JSONValue.object([
      .init(key: "ServerURL", value: .string(server)), .init(key: "Username", value: .string(user)),
      .init(key: "Secret", value: .string(password)),
    ])
    let (status, output) = try run("store", document.encoded())
    guard status == 0 else { throw failure(status, String(decoding: output, as: UTF8.self)) }
  }

  /// - Returns: false if the helper has none.
  func erase(_ server: String) throws(CredentialError) -> Bool {
    let (status, output) = try run("erase", Array(server.utf8))
    let text = String(decoding: output, as: UTF8.self)
    if status == 0 { return true }
    if text.contains("credentials not found") { return false }
    throw failure(status, text)
  }

  /// The first line of what a helper says when it fails; it says why, and no secret.
  private func failure(_ status: Int32, _ text: String) -> CredentialError {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return .helperFailed(name: program, status: status, message: String(line.prefix(200)))
  }

  /// Runs the helper to its end. Its errors stay on this program's standard error: it may ask for something.
  private func run(
    _ operation: String, _ input: [UInt8]
  ) throws(CredentialError) -> (status: Int32, output: [UInt8]) {
    // A name with a slash would be a path.
    guard !name.isEmpty, !name.contains("/") else { throw .helperMissing(name: program, code: ENOENT) }
    let (inputPipe, outputPipe) = (try pipe(), try pipe())
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, inputPipe.reading, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, outputPipe.writing, 1)
    let path = folder.map { "\($0)/\(program)" } ?? program
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(path), strdup(operation), nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawnp(&process, path, &actions, nil, &arguments, environ)
    close(inputPipe.reading)
    close(outputPipe.writing)
    defer { close(outputPipe.reading) }
    guard code == 0 else {
      close(inputPipe.writing)
      throw .helperMissing(name: program, code: code)
    }
    // Fits into a pipe, so that the helper cannot keep this from going on. One that ends early does not read it.
    _ = unsafe write(inputPipe.writing, input, input.count)
    close(inputPipe.writing)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = unsafe read(outputPipe.reading, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      if output.count < 1 << 20 { output += buffer[..<count] }
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      if errno != EINTR { throw .helperMissing(name: program, code: errno) }
    }
    let signal = status & 0x7F
    return (signal == 0 ? status >> 8 & 0xFF : 128 + signal, output)
  }

  private func pipe() throws(CredentialError) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else { throw .helperMissing(name: program, code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
