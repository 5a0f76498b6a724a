import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import ImageStore

/// What `RUN --mount` may use of this machine.
struct MountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A secret for RUN --mount=type=secret: id=NAME, and src=FILE or env=VARIABLE. May be repeated.",
      valueName: "secret"))
  var secret: [String] = []
  @Option(
    help: ArgumentHelp(
      "An SSH agent for RUN --mount=type=ssh: default, NAME=SOCKET, or NAME=KEYFILE[,KEYFILE] for one with these "
        + "keys. May be repeated.", valueName: "agent"))
  var ssh: [String] = []

  func secrets() throws -> [BuildSecret] { try secret.map(Self.secret) }

  /// The agents, some of which have been started for the build: `end` has to be called.
  func agents(_ store: OCILayoutStore) throws -> GivenAgents {
    var given = GivenAgents()
    do {
      for text in ssh { try Self.add(text, to: &given, store) }
    } catch {
      given.end()
      throw error
    }
    return given
  }

  struct GivenAgents {
    fileprivate(set) var agents: [BuildAgent] = []
    fileprivate var started: [KeyAgent] = []

    func end() {
      for agent in started { agent.end() }
    }
  }

  /// `id=NAME,src=FILE`, `id=NAME,env=VARIABLE`; the id alone is a variable of that name, else a file.
  private static func secret(_ text: String) throws -> BuildSecret {
    func failure(_ reason: String) -> Failure { Failure("--secret \(text): \(reason)", status: Exit.unable) }
    var fields: [String: String] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "=") else { throw failure("write id=NAME,src=FILE") }
      let key = part[..<equals].lowercased()
      guard ["id", "src", "source", "env", "type"].contains(key) else {
        throw failure("`\(key)` is no field of a secret; there are id, src, env and type")
      }
      fields[key == "source" ? "src" : key] = String(part[part.index(after: equals)...])
    }
    let type = fields["type"]
    guard type == nil || type == "file" || type == "env" else { throw failure("the type is file or env") }
    var (file, variable) = (fields["src"], fields["env"])
    if type == "env", variable == nil { (file, variable) = (nil, file) }
    guard file == nil || variable == nil else { throw failure("name a file or a variable, not both") }
    guard let id = fields["id"] ?? file.map({ String($0.split(separator: "/").last ?? "") }), !id.isEmpty
    else { throw failure("the id is missing: write id=NAME,src=FILE") }
    if let variable {
      guard let value = environment(variable) else { throw failure("the variable \(variable) is not set") }
      return BuildSecret(id: id, source: .value(value))
    }
    if file == nil, type != "file", let value = environment(id) {
      return BuildSecret(id: id, source: .value(value))
    }
    let path = absolute(Array((file ?? id).utf8))
    guard unsafe access(String(decoding: path, as: UTF8.self), R_OK) == 0 else {
      throw failure("\(file ?? id): \(errorText(errno))")
    }
    return BuildSecret(id: id, source: .file(BytePath(path)))
  }

  private static func add(_ text: String, to given: inout GivenAgents, _ store: OCILayoutStore) throws {
    func failure(_ reason: String) -> Failure { Failure("--ssh \(text): \(reason)", status: Exit.unable) }
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard let id = parts.first, !id.isEmpty else {
      throw failure("write default, NAME=SOCKET or NAME=KEYFILE")
    }
    var paths: [[UInt8]]
    if parts.count == 2 {
      paths = parts[1].split(separator: ",").map { Array($0.utf8) }
    } else {
      guard let socket = environment("SSH_AUTH_SOCK"), !socket.isEmpty else {
        throw failure(
          "no agent is running here: SSH_AUTH_SOCK is not set; start one with ssh-agent, or give a key: \(id)=KEYFILE"
        )
      }
      paths = [socket]
    }
    paths = paths.map(absolute)
    var keys: [String] = []
    for path in paths {
      var status = stat()
      let name = String(decoding: path, as: UTF8.self)
      guard unsafe stat(name, &status) == 0 else { throw failure("\(name): \(errorText(errno))") }
      switch status.st_mode & S_IFMT {
      case S_IFSOCK:
        guard paths.count == 1 else { throw failure("\(name) is the socket of an agent, and stands alone") }
        return given.agents.append(BuildAgent(id: id, socket: path))
      case S_IFREG:
        guard unsafe access(name, R_OK) == 0 else { throw failure("\(name): \(errorText(errno))") }
        keys.append(name)
      default: throw failure("\(name) is neither the socket of an agent nor a file with a key")
      }
    }
    do throws(KeyAgent.Problem) {
      let agent = try KeyAgent(keys: keys, store: store)
      given.started.append(agent)
      given.agents.append(BuildAgent(id: id, socket: agent.socket))
    } catch {
      throw failure(error.sentence)
    }
  }
}

/// What is wrong with a mount when its RUN is about to start.
func mountSentence(_ kind: BuildProblem.Kind) -> (message: String, help: String?) {
  switch kind {
  case .missingSecret(let id):
    (
      "RUN needs the secret `\(id)`, which the build was not given",
      "give it with --secret id=\(id),src=FILE or --secret id=\(id),env=VARIABLE"
    )
  case .secretFile(let id, let error):
    ("the secret `\(id)` cannot be read: \(fileSentence(error))", nil)
  case .secretWithNUL(let id):
    ("the secret `\(id)` has a NUL byte in it and cannot be a variable", "mount it as a file with target=")
  case .missingAgent(let id):
    (
      "RUN needs the SSH agent `\(id)`, which the build was not given",
      "give it with --ssh \(id == "default" ? "default" : id + "=SOCKET"), or --ssh \(id)=KEYFILE"
    )
  default: ("\(kind)", nil)
  }
}
