import Diagnostics
package import DockerfileSyntax
import SourceText

extension ASTDump {
  /// The file as an indented tree for people: stages, instructions, their parts by meaning, each with its place
  /// (`line:column-line:column`, the end behind the last byte). Long texts are cut; JSON has all of them.
  package static func tree(_ file: Dockerfile, _ options: Options = Options()) -> [UInt8] {
    var dump = TreeDump(file)
    dump.document(options)
    return dump.output
  }
}

/// A line of the tree and what hangs below it.
struct DumpNode {
  var text: String
  var children: [DumpNode] = []
}

private struct TreeDump {
  let file: Dockerfile
  let lines: LineIndex
  var output: [UInt8] = []
  private var problems: [Int: [Problem]] = [:]

  init(_ file: Dockerfile) {
    self.file = file
    lines = LineIndex(file.source)
    for problem in file.problems { problems[problem.instruction ?? -1, default: []].append(problem) }
  }

  mutating func document(_ options: ASTDump.Options) {
    let counts = [
      counted(file.instructions.count, "instruction"), counted(file.stages.count, "stage"),
      file.problems.isEmpty ? nil : counted(file.problems.count, "problem"),
    ].compactMap(\.self)
    put("\(file.source.name.shown(in: 200))  \(counts.joined(separator: ", "))\n")
    var roots = 0
    let directives = file.tree.directives.map { directive in
      DumpNode(text: "directive \(directive.kind.name) \(quoted(directive.value))  \(place(directive.range))")
    }
    let general = (problems[-1] ?? []).map(node)
    let tokens = options.includesTokens ? 1 : 0
    let total = directives.count + file.preamble.count + file.stages.count + general.count + tokens
    func isLast() -> Bool { roots == total }
    for directive in directives {
      roots += 1
      render(directive, prefix: "", isLast: isLast())
    }
    for index in file.preamble {
      roots += 1
      render(node(file.instructions[index]), prefix: "", isLast: isLast())
    }
    for stage in file.stages {
      roots += 1
      let name = stage.name.map { " \($0.shown(in: 60))" } ?? ""
      renderLine("stage \(stage.number)\(name)", prefix: "", isLast: isLast())
      let prefix = isLast() ? "   " : "│  "
      for index in stage.start..<stage.body.upperBound {
        render(
          node(file.instructions[index]), prefix: prefix, isLast: index + 1 == stage.body.upperBound)
      }
    }
    for problem in general {
      roots += 1
      render(problem, prefix: "", isLast: isLast())
    }
    guard options.includesTokens else { return }
    renderLine(counted(file.tree.tokens.count, "token"), prefix: "", isLast: true)
    for index in file.tree.tokens.indices {
      let range = file.tree.range(ofToken: index)
      let text = "\(file.tree.tokens[index].kind.name) \(quoted(range))  \(place(range))"
      renderLine(text, prefix: "   ", isLast: index + 1 == file.tree.tokens.count)
    }
  }

  // MARK: Output

  private mutating func put(_ text: String) { output.append(contentsOf: text.utf8) }

  private mutating func renderLine(_ text: String, prefix: String, isLast: Bool) {
    put("\(prefix)\(isLast ? "└─ " : "├─ ")\(text)\n")
  }

  private mutating func render(_ node: DumpNode, prefix: String, isLast: Bool) {
    renderLine(node.text, prefix: prefix, isLast: isLast)
    let inner = prefix + (isLast ? "   " : "│  ")
    for (index, child) in node.children.enumerated() {
      render(child, prefix: inner, isLast: index + 1 == node.children.count)
    }
  }

  private func place(_ range: ByteRange) -> String {
    let start = lines.position(of: range.lower)
    let end = lines.position(of: range.upper)
    return "\(start.line):\(start.column)-\(end.line):\(end.column)"
  }

  private func quoted(_ range: ByteRange) -> String { quoted(file.source.bytes(in: range)) }

  private func quoted(_ bytes: some Collection<UInt8>) -> String { "\"\(bytes.shown(in: 100))\"" }

  private func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  // MARK: Nodes

  private func node(_ problem: Problem) -> DumpNode {
    let message = problem.diagnostic(in: file).message.utf8.shown(in: 300, escapesQuotes: false)
    return DumpNode(text: "problem: \(message)  \(place(problem.range))")
  }

  private func node(_ instruction: Instruction, isTrigger: Bool = false) -> DumpNode {
    let syntax = instruction.syntax
    let keyword = file.source.bytes(in: syntax.keyword).shown(in: 40)
    var form = ""
    if instruction.kind == .unknown { form = " (no instruction)" }
    if syntax.form == .exec { form = " (exec form)" }
    if syntax.form == .legacyAssignment { form = " (legacy form)" }
    var node = DumpNode(text: "\(keyword)\(form)  \(place(instruction.range))")
    for comment in file.leadingComments(of: syntax) {
      node.children.append(DumpNode(text: "comment above \(quoted(comment))  \(place(comment))"))
    }
    for flag in instruction.flags {
      var text = "flag --\(flag.name.shown(in: 40))"
      if let value = flag.value { text += " \(quoted(value.bytes))" }
      node.children.append(
        DumpNode(text: "\(text)  \(place(flag.range))", children: variables(flag.value)))
    }
    let expands = file.expands(instruction.kind)
    for (role, word) in roles(of: instruction) {
      node.children.append(
        DumpNode(
          text: "\(role) \(quoted(word.bytes))  \(place(word.range))",
          children: expands ? variables(word) : []))
    }
    if case .onbuild(let inner?) = instruction.details {
      node.children.append(self.node(inner, isTrigger: true))
    } else {
      node.children += instruction.heredocs.map(heredoc)
    }
    guard !isTrigger else { return node }
    for comment in file.innerComments(of: syntax) {
      node.children.append(DumpNode(text: "comment inside \(quoted(comment))  \(place(comment))"))
    }
    node.children += (problems[instruction.index] ?? []).map(self.node)
    return node
  }

  private func heredoc(_ heredoc: HeredocSyntax) -> DumpNode {
    var remarks: [String] = []
    if !heredoc.expands { remarks.append("quoted") }
    if heredoc.stripsTabs { remarks.append("tabs stripped") }
    if heredoc.fileDescriptor != 0 { remarks.append("descriptor \(heredoc.fileDescriptor)") }
    if !heredoc.isTerminated { remarks.append("no end") }
    let remark = remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))"
    return DumpNode(
      text: "here-document \(heredoc.name.shown(in: 40))\(remark)  \(place(heredoc.range))",
      children: heredoc.body.isEmpty
        ? [] : [DumpNode(text: "body \(quoted(heredoc.body))  \(place(heredoc.body))")])
  }

  private func variables(_ word: Word?) -> [DumpNode] {
    guard let word, word.hasVariable else { return [] }
    return variables(WordTemplate(word.bytes, options: .init(escape: file.tree.escape)).parts)
  }

  private func variables(_ parts: [WordTemplate.Part]) -> [DumpNode] {
    parts.compactMap { part in
      guard case .variable(let reference, _) = part else { return nil }
      var text = "variable \(reference.name.shown(in: 60))"
      if let name = reference.modifier.dumpOperator { text += " \(name)" }
      for operand in reference.operands { text += " \(quoted(Self.text(operand)))" }
      return DumpNode(text: text, children: reference.operands.flatMap(variables))
    }
  }

  /// The literal text of an operand; a variable in it shows as `$name`.
  private static func text(_ parts: [WordTemplate.Part]) -> [UInt8] {
    parts.flatMap { part in
      switch part {
      case .literal(let bytes, _): bytes
      case .variable(let reference, _): [0x24] + reference.name
      }
    }
  }

  /// The words of an instruction with what each of them is.
  private func roles(of instruction: Instruction) -> [(String, Word)] {
    func all(_ role: String, _ words: [Word?]) -> [(String, Word)] {
      words.compactMap { $0.map { (role, $0) } }
    }
    func command(_ line: CommandForm) -> [(String, Word)] {
      all(line.isExec ? "argument" : "command", line.words)
    }
    switch instruction.details {
    case .from(let from): return all("image", [from.image]) + all("stage name", [from.name])
    case .run(let run): return command(run.command)
    case .cmd(let line), .entrypoint(let line), .shell(let line): return command(line)
    case .copy(let transfer), .add(let transfer):
      return all("source", transfer.paths) + all("destination", [transfer.destination])
    case .env(let list), .label(let list), .arg(let list):
      return list.flatMap { all("name", [$0.name]) + all("value", [$0.value]) }
    case .expose(let words): return all("port", words)
    case .volume(let words): return all("path", words)
    case .user(let word): return all("user", [word])
    case .workdir(let word): return all("path", [word])
    case .stopsignal(let word): return all("signal", [word])
    case .maintainer(let word): return all("name", [word])
    case .healthcheck(let check): return all("type", [check.type]) + command(check.command)
    case .onbuild: return []
    case .unknown(let words): return all("word", words)
    }
  }
}
