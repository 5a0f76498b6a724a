import Diagnostics
import SourceText

/// Reads instructions as BuildKit's `instructions` package does, collecting problems instead of stopping at the first.
struct Interpreter {
  let tree: SyntaxTree
  private(set) var problems: [Problem] = []
  private var current = -1
  private var isInTrigger = false

  init(_ tree: SyntaxTree) {
    self.tree = tree
    problems = tree.errors.map { error in
      Problem(
        kind: .syntax(error.kind), range: error.range,
        instruction: error.instruction < 0 ? nil : Int(error.instruction), isInTrigger: false)
    }
  }

  mutating func report(_ kind: Problem.Kind, at range: ByteRange) {
    problems.append(
      Problem(kind: kind, range: range, instruction: current < 0 ? nil : current, isInTrigger: isInTrigger))
  }

  /// Reads the instruction of an index.
  mutating func instruction(_ node: InstructionSyntax, index: Int) -> Instruction {
    current = index
    let isExec = node.form == .exec
    // Loops and not `map`: a closure would hold a copy of the tree, for each instruction anew.
    let arguments = tree.arguments(of: node)
    var words: [Word] = []
    words.reserveCapacity(arguments.count)
    for argument in arguments {
      words.append(
        tree.word(argument, isExec: isExec && (node.kind != .healthcheck || !words.isEmpty)))
    }
    let heredocs = Array(tree.heredocs(of: node))
    var flags: [Flag] = []
    for flag in tree.flags(of: node) { flags.append(self.flag(flag)) }
    checkFlags(flags, of: node)
    let details = details(node, words: words, flags: flags, heredocs: heredocs, index: index)
    current = index
    return Instruction(syntax: node, index: index, flags: flags, heredocs: heredocs, details: details)
  }

  private func flag(_ syntax: FlagSyntax) -> Flag {
    let text = tree.cookedFlag(syntax)
    let equals = text.firstIndex(of: 0x3D)
    let isVerbatim = syntax.isContiguous && text.count == syntax.range.count
    let word = Word(text, at: syntax.range, isVerbatim: isVerbatim)
    let name = word.part(min(2, text.count)..<(equals ?? text.count))
    return Flag(
      name: name.string, value: equals.map { word.part($0 + 1..<text.count) }, range: syntax.range,
      nameRange: name.range)
  }

  private mutating func checkFlags(_ flags: [Flag], of node: InstructionSyntax) {
    guard node.kind != .unknown, node.kind != .stopsignal, node.kind != .arg else { return }
    let known = FlagTable.flags(of: node.kind)
    var seen: Set<String> = []
    for flag in flags {
      guard let (name, type) = known.first(where: { $0.name == flag.name }) else {
        let nearest = nearest(to: Array(flag.name.utf8), among: known.map(\.name))
        report(
          .unknownFlag(name: flag.name, suggestion: nearest?.candidate, distance: nearest?.distance ?? 0),
          at: flag.range)
        continue
      }
      if case .list = type {
      } else if seen.contains(name) {
        report(.duplicateFlag(name: name), at: flag.range)
      }
      seen.insert(name)
      switch type {
      case .boolean:
        guard let value = flag.value else { continue }
        if value.bytes.isEmpty {
          report(.missingFlagValue(name: name), at: flag.range)
        } else if !value.bytes.equalsIgnoringCase("true"), !value.bytes.equalsIgnoringCase("false") {
          report(.invalidBoolean(name: name, value: value.string), at: value.range)
        }
      case .text, .list:
        guard let value = flag.value else {
          report(.missingFlagValue(name: name), at: flag.range)
          continue
        }
        let allowed = FlagTable.values(of: name, in: node.kind)
        if !allowed.isEmpty, !allowed.contains(value.string) {
          report(.invalidFlagValue(name: name, value: value.string, allowed: allowed), at: value.range)
        }
      }
    }
  }

  private mutating func details(
    _ node: InstructionSyntax, words: [Word], flags: [Flag], heredocs: [HeredocSyntax], index: Int
  ) -> Instruction.Details {
    // BuildKit takes these, for a command that does nothing. The exec form may be empty: that takes an inherited one away.
    if words.isEmpty, heredocs.isEmpty, node.form != .exec,
      node.kind == .run || node.kind == .cmd || node.kind == .entrypoint
    {
      report(.missingArguments, at: node.line)
    }
    switch node.kind {
    case .from: return .from(from(node, words, flags))
    case .run: return .run(Run(command: command(node, words[...]), mounts: mounts(flags)))
    case .cmd: return .cmd(command(node, words[...]))
    case .entrypoint: return .entrypoint(command(node, words[...]))
    case .shell:
      if words.isEmpty {
        report(.missingArguments, at: node.line)
      } else if node.form != .exec {
        report(.shellForm, at: words[0].range)
      }
      return .shell(command(node, words[...]))
    case .copy: return .copy(transfer(node, words, flags, heredocs))
    case .add: return .add(transfer(node, words, flags, heredocs))
    case .env: return .env(assignments(node, words))
    case .label: return .label(assignments(node, words))
    case .arg: return .arg(assignments(node, words))
    case .expose:
      if words.isEmpty { report(.missingArguments, at: node.line) }
      return .expose(words)
    case .volume:
      if words.isEmpty { report(.missingArguments, at: node.line) }
      for word in words where word.bytes.allSatisfy(\.isASCIISpace) { report(.emptyVolume, at: word.range) }
      return .volume(words)
    case .user: return .user(only(node, words))
    case .workdir: return .workdir(only(node, words))
    case .stopsignal: return .stopsignal(only(node, words))
    case .maintainer: return .maintainer(only(node, words))
    case .healthcheck: return .healthcheck(healthcheck(node, words, flags))
    case .onbuild: return .onbuild(trigger(node, index: index))
    case .unknown:
      let keyword = String(decoding: tree.cooked(node.keyword), as: UTF8.self)
      let nearest = nearest(to: Array(keyword.utf8), among: InstructionKind.known.map(\.keyword))
      report(
        .unknownInstruction(
          keyword: keyword, suggestion: nearest?.candidate, distance: nearest?.distance ?? 0),
        at: node.keyword)
      return .unknown(words)
    }
  }

  private mutating func only(_ node: InstructionSyntax, _ words: [Word]) -> Word? {
    if words.isEmpty { report(.missingArguments, at: node.line) }
    return words.first
  }

  private func command(_ node: InstructionSyntax, _ words: ArraySlice<Word>) -> CommandForm {
    if node.form == .exec { return .exec(Array(words)) }
    return words.first.map { .shell($0) } ?? .none
  }

  private mutating func from(_ node: InstructionSyntax, _ words: [Word], _ flags: [Flag]) -> From {
    let hasAs = words.count > 1 && words[1].bytes.equalsIgnoringCase("as")
    if words.isEmpty {
      report(.missingArguments, at: node.line)
    } else if words.count != 1, words.count != 3 || !hasAs {
      report(.fromArguments, at: words[min(1, words.count - 1)].range.union(words[words.count - 1].range))
    }
    let name = hasAs && words.count > 2 ? words[2] : nil
    if let name, !isStageName(name.bytes) { report(.invalidStageName(name.string), at: name.range) }
    return From(
      image: words.first, asKeyword: hasAs ? words[1] : nil, name: name,
      platform: flags.first { $0.name == "platform" }?.value)
  }

  /// A letter, then letters, digits, `-`, `_` and `.`, as BuildKit demands of stage names in small letters.
  private func isStageName(_ name: [UInt8]) -> Bool {
    guard let first = name.first, first.isASCIILetter else { return false }
    return name.allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || byte == 0x2D || byte == 0x5F || byte == 0x2E
    }
  }

  private mutating func mounts(_ flags: [Flag]) -> [MountSpecification] {
    var mounts: [MountSpecification] = []
    for flag in flags where flag.name == "mount" {
      guard let value = flag.value else { continue }
      do throws(MountError) {
        let mount = try MountSpecification(value)
        mounts.append(mount)
        try mount.check()
      } catch {
        report(.mount(error), at: value.range)
      }
    }
    return mounts
  }

  private mutating func transfer(
    _ node: InstructionSyntax, _ words: [Word], _ flags: [Flag], _ heredocs: [HeredocSyntax]
  ) -> Transfer {
    if words.count < 2 { report(words.isEmpty ? .missingArguments : .missingDestination, at: node.line) }
    if let from = flags.first(where: { $0.name == "from" })?.value, node.kind == .copy,
      from.bytes.dropLast().contains(0x24)
    {
      report(.variableInFrom(flag: "from"), at: from.range)
    }
    let destination = words.count > 1 ? words[words.count - 1] : nil
    if let destination, heredocs.last?.range == destination.range {
      report(.heredocDestination, at: destination.range)
    }
    // A here-document word with blanks in it (`<< EOF`) takes several words. Both lists are in the order of the file.
    var sources: [Transfer.Source] = []
    var documents = heredocs[...]
    for word in words.dropLast(destination == nil ? 0 : 1) {
      while let first = documents.first, first.range.upper <= word.range.lower { documents.removeFirst() }
      if let heredoc = documents.first, heredoc.range.overlaps(word.range) {
        if heredoc.range.lower == word.range.lower { sources.append(.heredoc(heredoc)) }
      } else {
        sources.append(.path(word))
      }
    }
    return Transfer(sources: sources, destination: destination, isExec: node.form == .exec)
  }

  private mutating func assignments(_ node: InstructionSyntax, _ words: [Word]) -> [Assignment] {
    if words.isEmpty { report(.missingArguments, at: node.line) }
    if node.form == .legacyAssignment {
      return [Assignment(name: words[0], value: words.count > 1 ? words[1] : nil, isLegacy: true)]
    }
    return words.map { word in
      guard let equals = word.bytes.firstIndex(of: 0x3D) else {
        return Assignment(name: word, value: nil, isLegacy: false)
      }
      if equals == 0 { report(.blankName, at: word.range) }
      return Assignment(
        name: word.part(0..<equals), value: word.part(equals + 1..<word.bytes.count), isLegacy: false)
    }
  }

  private mutating func healthcheck(_ node: InstructionSyntax, _ words: [Word], _ flags: [Flag])
    -> Healthcheck
  {
    let type = words.first
    let isNone = type?.bytes.equalsIgnoringCase("none") ?? false
    let isCommand = type?.bytes.equalsIgnoringCase("cmd") ?? false
    let command = command(node, words.dropFirst())
    if let type {
      if isNone {
        if words.count > 1 { report(.healthcheckNoneArguments, at: words[1].range) }
      } else if !isCommand {
        report(.unknownHealthcheckType(type.string), at: type.range)
      } else if words.count < 2 {
        report(.missingHealthcheckCommand, at: node.line)
      }
    } else {
      report(.missingArguments, at: node.line)
    }
    return Healthcheck(
      type: type, isNone: isNone, command: command, interval: duration("interval", flags),
      timeout: duration("timeout", flags), startPeriod: duration("start-period", flags),
      startInterval: duration("start-interval", flags), retries: retries(flags))
  }

  private mutating func duration(_ name: String, _ flags: [Flag]) -> Int64 {
    guard let value = flags.first(where: { $0.name == name })?.value, !value.bytes.isEmpty else { return 0 }
    guard let duration = parseGoDuration(value.bytes), duration == 0 || duration >= 1_000_000 else {
      report(.invalidDuration(name: name, value: value.string), at: value.range)
      return 0
    }
    return duration
  }

  private mutating func retries(_ flags: [Flag]) -> Int {
    guard let value = flags.first(where: { $0.name == "retries" })?.value, !value.bytes.isEmpty else {
      return 0
    }
    guard let number = Int32(value.string), number >= 0 else {
      report(.invalidRetries(value: value.string), at: value.range)
      return 0
    }
    return Int(number)
  }

  private mutating func trigger(_ node: InstructionSyntax, index: Int) -> Instruction? {
    guard let inner = tree.trigger(of: node) else {
      report(.missingArguments, at: node.line)
      return nil
    }
    if inner.kind == .onbuild || inner.kind == .from || inner.kind == .maintainer {
      report(.invalidTrigger(inner.kind), at: inner.keyword)
    }
    let wasInTrigger = isInTrigger
    isInTrigger = true
    defer { isInTrigger = wasInTrigger }
    return instruction(inner, index: index)
  }
}
