import DockerfileSyntax
import FileTree
import Isolation
import OCIModel
import SourceText

// The instructions that make layers.
extension StageLowering {
  mutating func workdir(_ word: Word?, _ instruction: Instruction, _ tree: SyntaxTree) {
    guard let word, let text = expanded(word) else { return }
    let path = absolutePath(text)
    image.config.workingDirectory = path.description
    if image.platform.os != Self.windows, Self.startsWithDrive(word.bytes) || Self.startsWithDrive(text) {
      warn(.drivePath(written: word.string, folder: path, platform: image.platform))
    }
    let history = "WORKDIR \(path)"
    if path.bytes == [0x2F] { return record(history) }
    add(
      .makeFolder(path.bytes, user: image.config.user ?? ""), instruction, tree, history: history)
  }

  /// Whether a path starts as those of Windows do: `C:\` or `C:/`.
  private static func startsWithDrive(_ path: [UInt8]) -> Bool {
    let path = path.drop { $0 == 0x22 || $0 == 0x27 }
    guard let first = path.first, (0x61...0x7A).contains(first | 0x20) else { return false }
    let rest = path.dropFirst()
    return rest.starts(with: [0x3A, 0x5C]) || rest.starts(with: [0x3A, 0x2F])
  }

  // MARK: COPY and ADD

  mutating func copy(_ transfer: Transfer, _ instruction: Instruction, _ tree: SyntaxTree, isAdd: Bool) {
    guard let word = transfer.destination else { return }
    let before = problems.count
    let destination = expanded(word) ?? []
    var operation = CopyOperation(
      from: .context, sources: [], destination: absolutePath(destination),
      isFolder: Self.namesFolder(destination))
    if let from = instruction.flag("from")?.value {
      // A name that means nothing was reported when the stages were looked up.
      guard let reference = references[from.string] else { return }
      operation.from = reference
    }
    let flags = copyFlags(instruction, &operation)
    operation.unpacks = isAdd && booleanFlag("unpack", instruction) != false
    var texts: [String] = []
    for case .path(let source) in transfer.sources {
      guard let path = expanded(source) else { continue }
      guard let found = self.source(path, at: source.range, instruction, isAdd: isAdd) else { continue }
      operation.sources.append(found)
      operation.places.append(source.range)
      texts.append(String(decoding: path, as: UTF8.self))
    }
    for case .heredoc(let heredoc) in transfer.sources {
      guard let content = document(heredoc, tree) else { continue }
      operation.sources.append(.document(name: heredoc.name, content: content))
      operation.places.append(heredoc.range)
      texts.append("<<" + String(decoding: heredoc.name, as: UTF8.self))
    }
    guard problems.count == before else { return }
    let history =
      [isAdd ? "ADD" : "COPY"] + flags + texts + [String(decoding: destination, as: UTF8.self)]
    add(.copy(operation), instruction, tree, history: history.joined(separator: " ") + " # buildkit")
  }

  /// Whether a destination can only be a folder.
  private static func namesFolder(_ path: [UInt8]) -> Bool {
    path.isEmpty || path == [0x2E] || path.last == 0x2F || path.suffix(2) == [0x2F, 0x2E]
  }

  /// Reads the flags, and returns those that the history shows.
  private mutating func copyFlags(
    _ instruction: Instruction, _ operation: inout CopyOperation
  ) -> [String] {
    var shown: [String] = []
    operation.isLinked = booleanFlag("link", instruction) == true
    operation.keepsParents = booleanFlag("parents", instruction) == true
    if operation.keepsParents { shown.append("--parents") }
    if let word = instruction.flag("chown")?.value, let text = expanded(word), !text.isEmpty {
      operation.owner = text
      let name = String(decoding: text, as: UTF8.self)
      shown.append("--chown=" + name)
      let isNumeric = text.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x3A }
      if operation.isLinked, !isNumeric {
        report(.namesWithLink(name), at: word.range)
      }
    }
    if let word = instruction.flag("chmod")?.value, let text = expanded(word), !text.isEmpty {
      let name = String(decoding: text, as: UTF8.self)
      operation.mode = ModeChange(text)
      if operation.mode == nil { report(.invalidMode(name), at: word.range) }
      operation.filters.append(Array("--chmod=".utf8) + text)
      shown.append("--chmod=" + name)
    }
    let excluded = instruction.flags.filter { $0.name == "exclude" }.compactMap(\.value)
    if let patterns = expanded(excluded) {
      operation.filters += patterns.map { Array("--exclude=".utf8) + $0 }
      do throws(IgnoreFile.SyntaxError) {
        operation.excluded = try IgnoreFile(patterns: patterns)
      } catch {
        report(.pattern(error.reason), at: excluded[error.line - 1].range)
      }
    }
    return shown
  }

  /// The value of a boolean flag; nil when it is not given. The parser has checked the text.
  func booleanFlag(_ name: String, _ instruction: Instruction) -> Bool? {
    guard let flag = instruction.flag(name) else { return nil }
    guard let value = flag.value?.string else { return true }
    return ["1", "t", "true"].contains(value.lowercased())
  }

  /// The content of the file that a here-document becomes.
  private mutating func document(_ heredoc: HeredocSyntax, _ tree: SyntaxTree) -> [UInt8]? {
    if heredoc.name.contains(0x2F) {
      report(.heredocName(String(decoding: heredoc.name, as: UTF8.self)), at: heredoc.range)
      return nil
    }
    let content = Self.content(heredoc, tree)
    guard heredoc.expands else { return content }
    do throws(ExpansionError) {
      return try scope.expand(content, processesQuotes: false)
    } catch {
      report(.expansion(error), at: heredoc.range)
      return nil
    }
  }

  /// The lines of a here-document, without leading tabs where `<<-` strips them.
  static func content(_ heredoc: HeredocSyntax, _ tree: SyntaxTree) -> [UInt8] {
    let body = tree.source.bytes(in: heredoc.body)
    guard heredoc.stripsTabs else { return Array(body) }
    let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
    return Array(lines.map { $0.drop { $0 == 0x09 } }.joined(separator: [0x0A]))
  }

  // MARK: RUN

  mutating func run(_ run: Run, _ instruction: Instruction, _ tree: SyntaxTree) {
    let before = problems.count
    let command = runCommand(run, instruction, tree)
    let mounts = lower(run.mounts)
    let network = runNetwork(instruction)
    if let flag = instruction.flag("security"), let value = flag.value?.string, value != "sandbox" {
      report(.unsupported(.security(value)), at: flag.range)
    }
    if let flag = instruction.flag("device") { report(.unsupported(.device), at: flag.range) }
    guard let command, problems.count == before else { return }
    var environment = scope
    var unkeyed: Set<[UInt8]> = []
    for proxy in globals.proxies where environment[proxy.name] == nil {
      environment.set(proxy.name, proxy.value)
      unkeyed.insert(proxy.name)
    }
    let variables = environment.variables.filter { !$0.name.isEmpty && !$0.name.contains(0x3D) }
    var operation = RunOperation(
      arguments: command.arguments,
      environment: variables.map { EnvironmentVariable(name: $0.name, value: $0.value) },
      script: command.script, user: image.config.user ?? "",
      workingDirectory: absolutePath([]).bytes, mounts: mounts, network: network, hostname: globals.hostname,
      unkeyed: unkeyed)
    operation.shell = shellWords.map { Array($0.utf8) }
    let history = HistoryText.run(command.arguments, declared: scope.historyArguments)
    add(.run(operation), instruction, tree, history: "RUN \(history) # buildkit")
  }

  /// What is executed. A here-document that is all of the command is the shell's script, or, when it starts
  /// with `#!`, a file that is executed; others are put back behind the command for the shell to read.
  private mutating func runCommand(
    _ run: Run, _ instruction: Instruction, _ tree: SyntaxTree
  ) -> (arguments: [[UInt8]], script: RunOperation.Script?)? {
    let shell = shellWords.map { Array($0.utf8) }
    switch run.command {
    case .none:
      return (shell + [[]], nil)
    case .exec(let words):
      if words.isEmpty {
        report(.missingArguments, at: instruction.range)
        return nil
      }
      return (words.map(\.bytes), nil)
    case .shell(let text):
      guard let first = instruction.heredocs.first else { return (shell + [text.bytes], nil) }
      if instruction.heredocs.count == 1, first.range == text.range {
        let content = Self.content(first, tree)
        guard content.starts(with: "#!".utf8) else { return (shell + [content], nil) }
        let path = Array("/dev/pipes/".utf8) + first.name
        return (shell + [path], RunOperation.Script(name: first.name, content: content))
      }
      var script = text.bytes
      for heredoc in instruction.heredocs {
        script.append(0x0A)
        script += tree.source.bytes(in: heredoc.body)
        script += heredoc.name
      }
      return (shell + [script], nil)
    }
  }

  private mutating func runNetwork(_ instruction: Instruction) -> Network {
    guard let flag = instruction.flag("network"), let value = flag.value?.string else { return network }
    switch value {
    case "", "default": return network
    case "none": return .none
    case "host": return .host
    default:
      report(.invalidNetwork(value), at: flag.range)
      return network
    }
  }
}
