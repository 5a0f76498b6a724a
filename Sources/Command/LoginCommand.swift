import ArgumentParser
import Glibc
import Isolation
import OCIModel
import Registry

/// `slipway login`
struct LoginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login", abstract: "Let a registry check a name and password, and keep them.",
    discussion: """
      They are kept where docker keeps them: by the helper that config.json names (credsStore, credHelpers), or in \
      config.json itself, in DOCKER_CONFIG or ~/.docker, for the owner alone. REGISTRY_AUTH_FILE names another file.
      """)

  @Option(name: [.customShort("u"), .long], help: ArgumentHelp("The name.", valueName: "name"))
  var username: String?
  @Option(
    name: [.customShort("p"), .long],
    help: ArgumentHelp(
      "The password, or a token. Others on this machine can see it: --password-stdin is better.",
      valueName: "password"))
  var password: String?
  @Flag(help: "Read the password from standard input.")
  var passwordStdin = false
  @OptionGroup var registry: RegistryOptions
  @Argument(help: ArgumentHelp("The registry. Default: docker's.", valueName: "host[:port]"))
  var server: String?

  func validate() throws {
    if passwordStdin, password != nil {
      throw ValidationError("--password and --password-stdin cannot be given at once")
    }
    if passwordStdin, username == nil { throw ValidationError("--password-stdin needs --username") }
  }

  func run() throws {
    let domain = try registryDomain(server)
    let cancellation = try Interruption.start()
    if password != nil {
      Exit.complain(
        "warning: others on this machine can see the password of --password; use --password-stdin")
    }
    let user = try username ?? ask("Username: ", isHidden: false)
    let word = try password ?? (passwordStdin ? readPassword() : ask("Password: ", isHidden: true))
    if user.isEmpty || word.isEmpty { throw Failure("a name and a password are needed", status: Exit.unable) }
    if user.contains(":") { throw Failure("a name has no colon in it", status: Exit.unable) }
    do throws(RegistryError) {
      let client = registry.client(
        cancel: cancellation.descriptor, credentials: CredentialStore(login: user, password: word))
      try client.checkAccess(domain: domain)
    } catch {
      if case .cancelled = error { throw ExitCode(128 + Interruption.signalNumber) }
      if case .unauthorized(let answer, _) = error {
        throw Failure("\(answer.host) does not take the name and password")
      }
      throw Failure(registrySentence(error), status: Exit.status(of: error))
    }
    do throws(CredentialError) {
      let place = try CredentialStore(environment: variable).keep(domain: domain, user: user, password: word)
      writeAll(STDOUT_FILENO, Array("Login Succeeded\n".utf8))
      if !place.hasPrefix("docker-credential-") {
        Exit.complain(
          "the password is kept in \(place), readable for its owner; a credential helper would hide it")
      }
    } catch {
      throw Failure(credentialSentence(error), status: Exit.unable)
    }
  }

  /// All of standard input, without the end of its line.
  private func readPassword() throws -> String {
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while content.count < 1 << 16 {
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure("standard input: \(errorText(errno))", status: Exit.unable) }
      if count == 0 { break }
      content += buffer[..<count]
    }
    while content.last == 0x0A || content.last == 0x0D { content.removeLast() }
    return String(decoding: content, as: UTF8.self)
  }

  /// Asks on the terminal.
  private func ask(_ question: String, isHidden: Bool) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(
        "there is no terminal to ask on: write --username and --password-stdin", status: Exit.unable)
    }
    writeAll(STDERR_FILENO, Array(question.utf8))
    var settings = termios()
    var canHide = false
    if isHidden { canHide = unsafe tcgetattr(STDIN_FILENO, &settings) == 0 }
    var shown = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    if canHide { _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    defer {
      if canHide {
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
        writeAll(STDERR_FILENO, [0x0A])
      }
    }
    return readLine(strippingNewline: true) ?? ""
  }
}

/// `slipway logout`
struct LogoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout", abstract: "Forget the name and password for a registry.")

  @Argument(help: ArgumentHelp("The registry. Default: docker's.", valueName: "host[:port]"))
  var server: String?

  func run() throws {
    let domain = try registryDomain(server)
    let isForgotten: Bool
    do throws(CredentialError) {
      isForgotten = try CredentialStore(environment: variable).forget(domain: domain)
    } catch {
      throw Failure(credentialSentence(error), status: Exit.unable)
    }
    guard isForgotten else { throw Failure("there is no login for \(domain)") }
    writeAll(STDOUT_FILENO, Array("Removed the login credentials for \(domain)\n".utf8))
  }
}

/// The registry that somebody names: as in the name of an image, or as the URL that docker takes too.
private func registryDomain(_ text: String?) throws -> String {
  guard var rest = text?[...] else { return try imageName("x").domain }
  for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
  rest = rest.prefix { $0 != "/" }
  // A single word is a host here, where an image's name would have it for a folder.
  let name = rest.contains { $0 == "." || $0 == ":" } || rest == "localhost" ? "\(rest)/x" : "\(rest):443/x"
  let domain = try imageName(name).domain
  return rest.contains { $0 == "." || $0 == ":" } || rest == "localhost" ? domain : String(rest)
}
