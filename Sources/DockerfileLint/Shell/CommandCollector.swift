import DockerfileSyntax
import ShellSyntax
import SourceText

/// Collects the commands of a script, each before those that stand in it.
struct CommandCollector {
  /// The text that the script was parsed from.
  let text: CookedText
  /// The file that the text comes from.
  let source: Source
  /// Whether to add the commands that other commands start.
  let looksThrough: Bool
  private(set) var commands: [ShellCommand] = []
  private(set) var pipes: [ByteRange] = []
  /// How many scripts this one is inside of.
  private var depth = 0
  /// What hadolint does not see: all behind the place where ShellCheck stops reading, in backticks too.
  var unseen: [ByteRange] = []
  /// The here-documents that are read as scripts of their own.
  var ownDocuments: Set<Int> = []
  /// What the walk has found from the first command on that may start another. Those before it are in their place already.
  private var found: [Found] = []
  /// The pipes that the walk has found.
  var foundPipes: [ByteRange] = []

  /// A command that the walk has found.
  private enum Found {
    case plain(ShellCommand)
    /// One that may start another: that one may hold a script, whose own walk starts when this one is over.
    case node(ShellCommandNode)
  }

  /// Deeper `sh -c "sh -c …"` is not read.
  private static let maximumDepth = 8

  init(text: CookedText, source: Source, looksThrough: Bool, depth: Int = 0) {
    self.text = text
    self.source = source
    self.looksThrough = looksThrough
    self.depth = depth
  }

  // MARK: Scripts

  mutating func collect(_ script: ShellScript) {
    let end = UInt32(truncatingIfNeeded: script.text.count)
    if !looksThrough, case .stopped(let place) = script.verdict { unseen.append(ByteRange(place, end)) }
    walk(script.list, of: script)
    pipes = foundPipes.map { text.original($0.indices) }
    guard !found.isEmpty else { return }
    // Taken out, so that each has one owner.
    let found = found
    self.found = []
    commands.reserveCapacity(commands.count + found.count)
    for item in found {
      switch item {
      case .plain(let command): commands.append(command)
      case .node(let node): add(node, of: script)
      }
    }
  }

  /// Takes note of a command, to be added when the walk is over.
  mutating func find(_ node: ShellCommandNode, of script: ShellScript) {
    if case .simple(let simple) = node.kind,
      let command = plainCommand(simple, of: script, text.original(node.range.indices))
    {
      if found.isEmpty { commands.append(command) } else { found.append(.plain(command)) }
    } else {
      found.append(.node(node))
    }
  }

  private mutating func add(_ node: ShellCommandNode, of script: ShellScript) {
    let range = text.original(node.range.indices)
    switch node.kind {
    case .simple(let simple):
      let words = simple.words.map { commandWord($0, of: script) }
      guard let first = words.first else { return }
      guard let name = effectiveName(words) else { return }
      commands.append(
        ShellCommand(
          name: name.text, nameRange: name.range, arguments: words.dropFirst().map(\.argument), range: range))
      guard looksThrough, first.literal != nil else { return }
      lookThrough(words[...], range: range)
      if let document = node.scriptDocument { addScript(script, script.heredocs[document]) }
    case .timed(let keyword, let options, let pipeline):
      var arguments = options.map { commandWord(.word($0), of: script).argument }
      if let pipeline {
        arguments.append(
          ShellCommand.Argument(
            hadolintText(pipeline), at: text.original(pipeline.range.indices), isVerbatim: false))
      }
      commands.append(
        ShellCommand(
          name: "time", nameRange: text.original(keyword.indices), arguments: arguments, range: range))
    default: break
    }
  }

  /// A command that starts no other one, as nearly all do: there is nothing to look through.
  private func plainCommand(_ simple: ShellSimpleCommand, of script: ShellScript, _ range: ByteRange)
    -> ShellCommand?
  {
    guard case .word(let first)? = simple.words.first, let name = first.literalText,
      !CommandPrefix.mayStartAnother(name)
    else { return nil }
    return ShellCommand(
      name: name, nameRange: text.original(first.range.indices),
      arguments: simple.words.dropFirst().map { self.argument($0, of: script) }, range: range)
  }

  private func commandWord(_ argument: ShellSimpleCommand.Argument, of script: ShellScript) -> CommandWord {
    let text = self.argument(argument, of: script)
    switch argument {
    case .assignment: return CommandWord(argument: text, literal: nil, isFlag: false, origin: .none)
    case .word(let word):
      return CommandWord(
        argument: text, literal: word.literalText, isFlag: word.isFlag, origin: .shell(word))
    }
  }

  private func argument(_ argument: ShellSimpleCommand.Argument, of script: ShellScript)
    -> ShellCommand.Argument
  {
    switch argument {
    case .assignment(let assignment):
      // hadolint does not see what stands in an assignment.
      let written = looksThrough ? script.text(in: assignment.range) : ""
      return ShellCommand.Argument(
        written, at: text.original(assignment.range.indices), isVerbatim: false)
    case .word(let word):
      let indices = word.range.indices
      if word.parts.count == 1, case .literal(let written) = word.parts[0].kind,
        let place = text.verbatimPlace(of: indices)
      {
        return ShellCommand.Argument(written, at: place, isVerbatim: text.has(written, at: indices))
      }
      return ShellCommand.Argument(word.hadolintText, at: text.original(indices), isVerbatim: false)
    }
  }

  // MARK: The exec form

  /// The command of the exec form: all its words are literal.
  mutating func collect(_ words: [Word]) {
    guard let first = words.first, let last = words.last else { return }
    let list = words.map { word in
      let inner = word.textRange(in: source)
      return CommandWord(
        argument: ShellCommand.Argument(word.string, at: inner ?? word.range, isVerbatim: inner != nil),
        literal: word.string, isFlag: word.bytes.first == 0x2D, origin: .exec(word))
    }
    guard let name = effectiveName(list) else { return }
    let range = first.range.union(last.range)
    commands.append(
      ShellCommand(
        name: name.text, nameRange: name.range, arguments: list.dropFirst().map(\.argument), range: range))
    lookThrough(list[...], range: range)
  }

  // MARK: Names

  /// The first word, or for `busybox`, `builtin`, `command`, `run` and `exec` the one behind it; nil when it is not literal.
  private func effectiveName(_ words: [CommandWord]) -> (text: String, range: ByteRange)? {
    guard let first = words.first, let name = first.literal else { return nil }
    let own = (text: name, range: first.argument.range)
    let actual: CommandWord?
    switch name {
    case "busybox", "builtin", "command", "run":
      actual = words.count > 1 && !words[1].isFlag ? words[1] : nil
    case "exec": actual = commandOfExec(words.dropFirst())
    default: actual = nil
    }
    guard let actual else { return own }
    return actual.literal.map { ($0, actual.argument.range) }
  }

  /// The first word behind the options of `exec`, `-c`, `-l` and `-a name`; nil when there are others.
  private func commandOfExec(_ words: ArraySlice<CommandWord>) -> CommandWord? {
    var words = words
    while let word = words.popFirst() {
      guard word.isFlag, let text = word.literal, text != "-" else { return word }
      if text == "--" { return words.first }
      var letters = text.dropFirst()
      while let letter = letters.popFirst() {
        switch letter {
        case "c", "l": continue
        case "a":
          if letters.isEmpty { words = words.dropFirst() }
          letters = ""
        default: return nil
        }
      }
    }
    return nil
  }

  // MARK: Looking through

  /// Adds the command that a command starts, and what that one starts.
  private mutating func lookThrough(_ words: ArraySlice<CommandWord>, range: ByteRange) {
    var words = words
    // Each round drops a word, or turns a path into a name, which is no path.
    while let first = words.first, let name = first.literal {
      if name.hasPrefix("/"), let base = name.split(separator: "/").last {
        let nameRange = first.argument.range
        add(String(base), at: nameRange, words.dropFirst(), range)
        words = [first.renamed(String(base))] + words.dropFirst()
        continue
      }
      let dialect = ShellDialect(program: name)
      if dialect.isPOSIX, name != "busybox" {
        if let script = CommandPrefix.scriptWord(words.dropFirst()) { addScript(script) }
        return
      }
      guard let rest = CommandPrefix.command(behind: name, words.dropFirst()), let next = rest.first,
        let inner = next.literal
      else { return }
      if !inner.hasPrefix("/") { add(inner, at: next.argument.range, rest.dropFirst(), range) }
      words = rest
    }
  }

  private mutating func add(
    _ name: String, at nameRange: ByteRange, _ arguments: ArraySlice<CommandWord>, _ range: ByteRange
  ) {
    commands.append(
      ShellCommand(
        name: name, nameRange: nameRange, arguments: arguments.map(\.argument),
        range: ByteRange(nameRange.lower, range.upper), isInner: true))
  }

  /// Adds the commands of a script that is an argument: what stands behind `sh -c`.
  private mutating func addScript(_ word: CommandWord) {
    switch word.origin {
    case .none: return
    case .shell(let word):
      guard let inner = InnerText.script(word, of: text, in: source) else { return }
      addScript(inner)
    case .exec(let word):
      var inner = CookedText()
      if let range = word.textRange(in: source) {
        inner.append(range, of: source)
      } else {
        inner.append(word.bytes, for: word.range)
      }
      addScript(inner)
    }
  }

  /// Adds the commands of a here-document that a shell reads.
  private mutating func addScript(_ script: ShellScript, _ document: ShellHeredoc) {
    addScript(InnerText.script(document, of: text, in: source))
  }

  private mutating func addScript(_ inner: CookedText) {
    guard depth < Self.maximumDepth else { return }
    var collector = CommandCollector(text: inner, source: source, looksThrough: true, depth: depth + 1)
    collector.collect(ShellScript.parse(inner.bytes, keepsTokens: false))
    commands += collector.commands.map { command in
      ShellCommand(
        name: command.name, nameRange: command.nameRange, arguments: command.arguments, range: command.range,
        isInner: true)
    }
  }
}

extension CookedText {
  /// Whether a text stands at a place.
  fileprivate func has(_ wanted: String, at place: Range<Int>) -> Bool {
    let wanted = wanted.utf8.span
    let bytes = bytes.span
    guard wanted.count == place.count, place.upperBound <= bytes.count else { return false }
    for offset in wanted.indices where wanted[offset] != bytes[place.lowerBound + offset] { return false }
    return true
  }
}

/// A word of a command with what has to be known to look through it.
struct CommandWord {
  /// Where the word comes from.
  enum Origin {
    /// A word of the shell.
    case shell(ShellWord)
    /// A string of the exec form.
    case exec(Word)
    /// Neither.
    case none
  }
  let argument: ShellCommand.Argument
  /// The text when it is entirely literal.
  let literal: String?
  let isFlag: Bool
  let origin: Origin

  func renamed(_ name: String) -> CommandWord {
    CommandWord(argument: argument, literal: name, isFlag: false, origin: origin)
  }
}
