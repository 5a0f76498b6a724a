package import DockerfileSyntax
import ShellSyntax
package import SourceText

/// Which command of a failed RUN it was, where exit status, output and the shell tree tell.
///
/// A wrong mark is worse than none: without a reason that leaves one command only there is none.
///
/// - Parameters:
///   - instruction: the RUN.
///   - status: its exit status.
///   - output: the last lines that it printed.
/// - Returns: the command's place in the file.
package func failedCommand(
  of instruction: Instruction, in dockerfile: Dockerfile, status: Int32, output: [String]
) -> ByteRange? {
  guard case .run(let run) = instruction.details, !run.command.isExec else { return nil }
  let shells = shells(of: dockerfile, pragmas: []) { _ in nil }
  guard shells.indices.contains(instruction.index),
    let script = runScript(
      of: instruction, in: dockerfile, shell: shells[instruction.index], isStrict: false),
    let tree = script.tree, tree.errors.isEmpty
  else { return nil }
  let commands = script.commands.filter { !$0.isInner }
  if commands.count == 1 { return commands[0].range }
  let lines = output.map(\.utf8Trimmed).filter { !$0.isEmpty }
  if status == 127 || status == 126 {
    for line in lines.suffix(3).reversed() {
      guard let name = nameOfUnstartable(line) else { continue }
      return only(commands.filter { $0.name == name })
    }
  }
  if let last = tree.list.statements.last, decidesAlone(last, in: tree) {
    // Without `set -e` the last statement's status is that of the script.
    let range = script.text.original(last.range.indices)
    return only(commands.filter { range.contains($0.range) })
  }
  // Programs begin what they complain about with their names.
  guard let line = lines.last, let colon = line.firstIndex(of: ":") else { return nil }
  let name = line[..<colon].split(separator: "/").last.map(String.init)
  let tolerated = toleratedRanges(tree.list).map { script.text.original($0.indices) }
  return only(
    commands.filter { command in
      command.name == name && !tolerated.contains { $0.contains(command.range) }
    })
}

private func only(_ commands: [ShellCommand]) -> ByteRange? { commands.count == 1 ? commands[0].range : nil }

/// The name in `sh: 1: name: not found` and its like: dash, bash and busybox each have their own.
private func nameOfUnstartable(_ line: String) -> String? {
  let endings = ["not found", "command not found", "No such file or directory", "Permission denied"]
  guard let ending = endings.first(where: { line.hasSuffix(": " + $0) }) else { return nil }
  let rest = line.dropLast(ending.utf8.count + 2)
  guard let start = rest.lastIndex(of: ":") else { return nil }
  return String(rest[rest.index(after: start)...].drop { $0 == " " })
}

/// Whether the exit status of a script is that of its last statement, and of no other, and this statement is one command.
private func decidesAlone(_ last: ShellStatement, in tree: ShellScript) -> Bool {
  guard last.pipelines.count == 1, last.pipelines[0].commands.count == 1, last.pipelines[0].negations == 0,
    last.terminator != .background, case .simple = last.pipelines[0].commands[0].kind
  else { return false }
  return !tree.list.statements.dropLast().contains { statement in
    statement.pipelines.contains { pipeline in
      pipeline.commands.contains { command in
        guard case .simple(let simple) = command.kind, let first = simple.words.first else {
          // A function, a loop or the like may set options or end the script.
          return true
        }
        return ["set", "exit", "exec", "trap", "return", ".", "source", "eval"].contains(
          tree.text(in: first.range))
      }
    }
  }
}

/// What may fail without ending anything: what stands before `||`, and conditions.
private func toleratedRanges(_ list: ShellList) -> [ByteRange] {
  var ranges: [ByteRange] = []
  for statement in list.statements {
    for (pipeline, connector) in zip(statement.pipelines, statement.connectors) where connector.kind == .or {
      ranges.append(pipeline.range)
    }
    for pipeline in statement.pipelines {
      if pipeline.negations > 0 { ranges.append(pipeline.range) }
      for command in pipeline.commands { ranges += toleratedRanges(command) }
    }
  }
  return ranges
}

private func toleratedRanges(_ command: ShellCommandNode) -> [ByteRange] {
  switch command.kind {
  case .group(let list), .subshell(let list): return toleratedRanges(list)
  case .conditional(let branches, let otherwise):
    return branches.flatMap { [$0.condition.range] + toleratedRanges($0.body) }
      + (otherwise.map { toleratedRanges($0) } ?? [])
  case .loop(_, let condition, let body): return [condition.range] + toleratedRanges(body)
  case .iteration(_, _, _, _, let body), .arithmeticLoop(_, let body): return toleratedRanges(body)
  case .selection(_, let items): return items.flatMap { toleratedRanges($0.body) }
  case .function(_, _, let body): return body.map { toleratedRanges($0) } ?? []
  case .simple, .test, .arithmetic, .timed, .coprocess: return []
  }
}

extension String {
  /// Without blanks at the ends.
  fileprivate var utf8Trimmed: String {
    let start = unicodeScalars.drop { $0 == " " || $0 == "\t" }
    return String(String.UnicodeScalarView(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed()))
  }
}
