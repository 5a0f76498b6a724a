import DockerfileSyntax
import OCIModel
import SourceText

// The instructions that change the configuration only.
extension StageLowering {
  /// Names and values, all expanded with what was set before the instruction; nil after a problem.
  private mutating func pairs(_ assignments: [Assignment]) -> [(name: [UInt8], value: [UInt8])]? {
    var result: [(name: [UInt8], value: [UInt8])] = []
    var isComplete = true
    for assignment in assignments {
      guard let name = expanded(assignment.name), let value = assignment.value.map({ expanded($0) }) ?? []
      else {
        isComplete = false
        continue
      }
      if name.isEmpty {
        report(.syntax(.blankName), at: assignment.name.range)
        isComplete = false
      }
      result.append((name, value))
    }
    return isComplete ? result : nil
  }

  private static func text(_ pairs: [(name: [UInt8], value: [UInt8])]) -> [String] {
    pairs.map { String(decoding: $0.name + [0x3D] + $0.value, as: UTF8.self) }
  }

  mutating func environment(_ assignments: [Assignment]) {
    guard let pairs = pairs(assignments) else { return }
    let texts = Self.text(pairs)
    for (pair, text) in zip(pairs, texts) {
      scope.set(pair.name, pair.value)
      let index = image.config.environment.firstIndex { Self.splitVariable($0).name == pair.name }
      if let index {
        image.config.environment[index] = text
      } else {
        image.config.environment.append(text)
      }
    }
    record("ENV " + texts.joined(separator: " "))
  }

  mutating func labels(_ assignments: [Assignment]) {
    guard let pairs = pairs(assignments) else { return }
    for pair in pairs {
      image.config.labels[String(decoding: pair.name, as: UTF8.self)] = String(
        decoding: pair.value, as: UTF8.self)
    }
    record("LABEL " + Self.text(pairs).joined(separator: " "))
  }

  /// Declares arguments from left to right; a later default may use an earlier one.
  mutating func arguments(_ assignments: [Assignment]) {
    var texts: [String] = []
    for assignment in assignments {
      let name = assignment.name.bytes
      var value: [UInt8]?
      if let given = globals.given[name] {
        value = given
      } else if let standard = assignment.value {
        value = expanded(standard)
        if value == nil { continue }
      } else {
        value = globals.scope[name]
      }
      scope.declare(name, value)
      texts.append(String(decoding: name + (value.map { [0x3D] + $0 } ?? []), as: UTF8.self))
    }
    record("ARG " + texts.joined(separator: " "))
  }

  mutating func user(_ word: Word?) {
    guard let word, let name = expandedText(word) else { return }
    image.config.user = name.isEmpty ? nil : name
    record("USER " + name)
  }

  mutating func expose(_ words: [Word]) {
    var ports: [String] = []
    // BuildKit sorts what is written; the history shows that.
    for word in words.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      for text in splitWords(word) ?? [] {
        let text = String(decoding: text, as: UTF8.self)
        guard let exposed = exposedPorts(text) else {
          report(.invalidPort(text), at: word.range)
          continue
        }
        ports += exposed
      }
    }
    image.config.exposedPorts = merged(image.config.exposedPorts, ports)
    record("EXPOSE " + HistoryText.plain(ports))
  }

  mutating func volumes(_ words: [Word]) {
    var paths: [String] = []
    for word in words {
      guard let path = expandedText(word) else { continue }
      if path.isEmpty {
        report(.emptyVolume, at: word.range)
      } else {
        paths.append(path)
      }
    }
    image.config.volumes = merged(image.config.volumes, paths)
    record("VOLUME " + HistoryText.plain(paths))
  }

  /// A set without doubles, in byte order: what is written is a set anyway.
  private func merged(_ old: [String], _ new: [String]) -> [String] {
    var map = StringMap()
    for key in old + new { map[key] = "" }
    return map.entries.map(\.key)
  }

  mutating func cmd(_ command: CommandForm) {
    let words = argumentList(command)
    image.config.command = words
    image.config.argsEscaped = true
    hasCommand = true
    record("CMD " + HistoryText.quoted(words))
  }

  mutating func entrypoint(_ command: CommandForm) {
    let words = argumentList(command)
    image.config.entrypoint = words
    // The base's CMD are arguments for the base's ENTRYPOINT.
    if !hasCommand { image.config.command = nil }
    record("ENTRYPOINT " + HistoryText.quoted(words))
  }

  mutating func shell(_ command: CommandForm) {
    let words = command.words.map(\.string)
    image.config.shell = words
    record("SHELL " + HistoryText.plain(words))
  }

  mutating func stopsignal(_ word: Word?) {
    guard let word, let name = expandedText(word) else { return }
    guard isSignal(name) else { return report(.invalidSignal(name), at: word.range) }
    image.config.stopSignal = name
    record("STOPSIGNAL " + name)
  }

  mutating func healthcheck(_ check: DockerfileSyntax.Healthcheck) {
    var result = OCIModel.Healthcheck(test: ["NONE"])
    if !check.isNone {
      switch check.command {
      case .none: result.test = ["CMD"]
      case .exec(let words): result.test = ["CMD"] + words.map(\.string)
      case .shell(let text): result.test = ["CMD-SHELL", text.string]
      }
      result.interval = check.interval == 0 ? nil : check.interval
      result.timeout = check.timeout == 0 ? nil : check.timeout
      result.startPeriod = check.startPeriod == 0 ? nil : check.startPeriod
      result.startInterval = check.startInterval == 0 ? nil : check.startInterval
      result.retries = check.retries == 0 ? nil : Int64(check.retries)
    }
    image.config.healthcheck = result
    record("HEALTHCHECK " + HistoryText.healthcheck(result))
  }

  mutating func maintainer(_ word: Word?) {
    guard let word else { return }
    image.author = word.string
    record("MAINTAINER " + word.string)
  }

  /// Keeps the instruction as it is written, with its here-documents, for images that build on this one.
  mutating func onbuild(_ inner: Instruction?, _ tree: SyntaxTree) {
    guard let inner else { return }
    var text = tree.cookedLine(of: inner.syntax)
    for heredoc in inner.heredocs {
      text.append(0x0A)
      text += tree.source.bytes(in: heredoc.body)
      text += heredoc.name
    }
    image.config.onBuild.append(String(decoding: text, as: UTF8.self))
  }
}
