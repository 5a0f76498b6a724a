import Diagnostics
package import DockerfileSyntax
import JSONText
import SourceText

extension ASTDump {
  /// The version of the JSON schema, docs/ast.schema.json; it changes when a member changes its meaning or goes.
  package static let schemaVersion = 1

  /// The file as JSON, as docs/ast.md describes it.
  ///
  /// Text that is not UTF-8 has U+FFFD in it; the spans lead to the bytes.
  package static func json(_ file: Dockerfile, _ options: Options = Options()) -> [UInt8] {
    var dump = JSONDump(file, style: .pretty)
    dump.document(options)
    return dump.bytes
  }
}

/// Writes the document piece by piece; nothing but the text is kept.
struct JSONDump {
  let file: Dockerfile
  let lines: LineIndex
  private var writer: JSONWriter

  var bytes: [UInt8] { writer.bytes }

  init(_ file: Dockerfile, style: JSONWriter.Style) {
    self.file = file
    lines = LineIndex(file.source)
    writer = JSONWriter(style: style, capacity: file.source.bytes.count * 8)
  }

  mutating func document(_ options: ASTDump.Options) {
    writer.beginObject()
    writer.member("schemaVersion", ASTDump.schemaVersion)
    writer.member("file", file.source.name)
    writer.member("size", file.source.bytes.count)
    writer.member("escape", String(decoding: [file.tree.escape], as: UTF8.self))
    directives()
    comments("comments", file.detachedComments)
    stages()
    writer.key("instructions")
    writer.beginArray()
    for instruction in file.instructions { self.instruction(instruction) }
    writer.endArray()
    problems()
    if options.includesTokens { tokens() }
    writer.endObject()
    writer.newline()
  }

  // MARK: Places

  /// A span stands on one line: it is the most frequent thing in the document, and the least interesting to look at.
  mutating func span(_ name: String, _ range: ByteRange) {
    writer.key(name)
    writer.raw(Array("{\"start\": \(place(range.lower)), \"end\": \(place(range.upper))}".utf8))
  }

  private func place(_ offset: UInt32) -> String {
    let position = lines.position(of: offset)
    return "{\"line\": \(position.line), \"column\": \(position.column), \"offset\": \(offset)}"
  }

  mutating func text(_ name: String, _ range: ByteRange) {
    writer.key(name)
    writer.string(file.source.bytes(in: range))
  }

  // MARK: The file

  private mutating func directives() {
    writer.key("directives")
    writer.beginArray()
    for directive in file.tree.directives {
      writer.beginObject()
      writer.member("kind", directive.kind.name)
      text("value", directive.value)
      span("span", directive.range)
      span("valueSpan", directive.value)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func comments(_ name: String, _ ranges: [ByteRange]) {
    writer.key(name)
    writer.beginArray()
    for range in ranges {
      writer.beginObject()
      text("text", range)
      span("span", range)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func stages() {
    writer.key("stages")
    writer.beginArray()
    for stage in file.stages {
      writer.beginObject()
      writer.member("number", stage.number)
      optional("name", stage.name.map { Array($0.utf8) })
      optional("base", stage.from.image?.bytes)
      optional("platform", stage.from.platform?.bytes)
      writer.member("from", stage.start)
      writer.member("first", stage.body.lowerBound)
      writer.member("count", stage.body.count)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func problems() {
    writer.key("problems")
    writer.beginArray()
    for problem in file.problems {
      let diagnostic = problem.diagnostic(in: file)
      writer.beginObject()
      writer.member("kind", problem.kind.dumpName)
      writer.member("message", diagnostic.message)
      optional("help", diagnostic.help.map { Array($0.utf8) })
      optionalNumber("instruction", problem.instruction)
      writer.member("inTrigger", problem.isInTrigger)
      span("span", problem.range)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func tokens() {
    writer.key("tokens")
    writer.beginArray()
    for index in file.tree.tokens.indices {
      let token = file.tree.tokens[index]
      writer.beginObject()
      writer.member("kind", token.kind.name)
      writer.member("trivia", token.kind.isTrivia)
      text("text", file.tree.range(ofToken: index))
      span("span", file.tree.range(ofToken: index))
      writer.endObject()
    }
    writer.endArray()
  }

  // MARK: Instructions

  private mutating func instruction(_ instruction: Instruction) {
    let node = instruction.syntax
    writer.beginObject()
    writer.member("index", instruction.index)
    optionalNumber("stage", file.stageNumber(of: instruction.index))
    writer.member("kind", node.kind.dumpName)
    text("keyword", node.keyword)
    writer.member("form", node.form.name)
    span("span", node.range)
    span("keywordSpan", node.keyword)
    span("lineSpan", node.line)
    flags(instruction)
    arguments(instruction)
    heredocs(instruction)
    comments("leadingComments", file.leadingComments(of: node))
    comments("innerComments", file.innerComments(of: node))
    writer.key("meaning")
    writer.beginObject()
    meaning(instruction)
    writer.endObject()
    writer.key("trigger")
    if case .onbuild(let inner?) = instruction.details { self.instruction(inner) } else { writer.null() }
    writer.endObject()
  }

  private mutating func flags(_ instruction: Instruction) {
    writer.key("flags")
    writer.beginArray()
    for flag in instruction.flags {
      writer.beginObject()
      writer.member("name", flag.name)
      text("raw", flag.range)
      optional("value", flag.value?.bytes)
      span("span", flag.range)
      span("nameSpan", flag.nameRange)
      if let value = flag.value { parts(of: value) } else { noParts() }
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func arguments(_ instruction: Instruction) {
    let expands = file.expands(instruction.kind)
    writer.key("arguments")
    writer.beginArray()
    for word in file.words(of: instruction.syntax) {
      writer.beginObject()
      text("raw", word.range)
      writer.member("value", word.bytes)
      span("span", word.range)
      if expands { parts(of: word) } else { noParts() }
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func heredocs(_ instruction: Instruction) {
    writer.key("heredocs")
    writer.beginArray()
    for heredoc in instruction.heredocs {
      writer.beginObject()
      writer.member("name", heredoc.name)
      text("raw", heredoc.range)
      writer.member("fileDescriptor", heredoc.fileDescriptor)
      writer.member("stripsTabs", heredoc.stripsTabs)
      writer.member("expands", heredoc.expands)
      writer.member("terminated", heredoc.isTerminated)
      text("body", heredoc.body)
      span("span", heredoc.range)
      span("bodySpan", heredoc.body)
      span("terminatorSpan", heredoc.terminator)
      writer.endObject()
    }
    writer.endArray()
  }

  // MARK: Words

  private mutating func noParts() {
    writer.key("parts")
    writer.null()
  }

  /// A word with variables as a structure; null for one without.
  private mutating func parts(of word: Word) {
    guard word.hasVariable else { return noParts() }
    let template = WordTemplate(word.bytes, options: WordTemplate.Options(escape: file.tree.escape))
    writer.key("parts")
    parts(template.parts)
  }

  private mutating func parts(_ parts: [WordTemplate.Part]) {
    writer.beginArray()
    for part in parts {
      writer.beginObject()
      switch part {
      case .literal(let bytes, let isQuoted):
        writer.member("kind", "literal")
        writer.member("text", bytes)
        writer.member("quoted", isQuoted)
      case .variable(let reference, let isQuoted):
        writer.member("kind", "variable")
        writer.member("name", reference.name)
        writer.member("quoted", isQuoted)
        optional("operator", reference.modifier.dumpOperator.map { Array($0.utf8) })
        writer.key("operands")
        writer.beginArray()
        for operand in reference.operands { self.parts(operand) }
        writer.endArray()
      }
      writer.endObject()
    }
    writer.endArray()
  }

  // MARK: Small things

  mutating func optional(_ name: String, _ value: [UInt8]?) {
    writer.key(name)
    if let value { writer.string(value) } else { writer.null() }
  }

  mutating func optionalNumber(_ name: String, _ value: Int?) {
    writer.key(name)
    if let value { writer.int(value) } else { writer.null() }
  }
}

// MARK: Meaning

extension JSONDump {
  /// The arguments by meaning: the members depend on the kind.
  private mutating func meaning(_ instruction: Instruction) {
    switch instruction.details {
    case .from(let from):
      optional("image", from.image?.bytes)
      optional("name", from.name?.bytes)
      optional("platform", from.platform?.bytes)
    case .run(let run):
      command(run.command)
      mounts(run.mounts)
    case .cmd(let line), .entrypoint(let line), .shell(let line): command(line)
    case .copy(let transfer), .add(let transfer): self.transfer(transfer)
    case .env(let list), .label(let list), .arg(let list): assignments(list)
    case .expose(let words): self.words("ports", words)
    case .volume(let words): self.words("paths", words)
    case .user(let word): optional("user", word?.bytes)
    case .workdir(let word): optional("path", word?.bytes)
    case .stopsignal(let word): optional("signal", word?.bytes)
    case .maintainer(let word): optional("name", word?.bytes)
    case .healthcheck(let check): healthcheck(check)
    case .onbuild: break
    case .unknown(let words): self.words("words", words)
    }
  }

  private mutating func words(_ name: String, _ words: [Word]) {
    writer.key(name)
    writer.beginArray()
    for word in words { writer.string(word.bytes) }
    writer.endArray()
  }

  private mutating func command(_ line: CommandLine) {
    writer.key("command")
    writer.beginObject()
    switch line {
    case .none: writer.member("form", "none")
    case .shell: writer.member("form", "shell")
    case .exec: writer.member("form", "exec")
    }
    words("words", line.words)
    writer.endObject()
  }

  private mutating func mounts(_ mounts: [MountSpecification]) {
    writer.key("mounts")
    writer.beginArray()
    for mount in mounts {
      writer.beginObject()
      span("span", mount.range)
      writer.key("fields")
      writer.beginArray()
      for field in mount.fields {
        writer.beginObject()
        writer.member("key", field.key)
        optional("value", field.value)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func transfer(_ transfer: Transfer) {
    writer.key("sources")
    writer.beginArray()
    for source in transfer.sources {
      writer.beginObject()
      switch source {
      case .path(let word):
        writer.member("kind", "path")
        writer.member("value", word.bytes)
      case .heredoc(let heredoc):
        writer.member("kind", "heredoc")
        writer.member("value", heredoc.name)
      }
      writer.endObject()
    }
    writer.endArray()
    optional("destination", transfer.destination?.bytes)
  }

  private mutating func assignments(_ list: [Assignment]) {
    writer.key("assignments")
    writer.beginArray()
    for assignment in list {
      writer.beginObject()
      writer.member("name", assignment.name.bytes)
      optional("value", assignment.value?.bytes)
      writer.member("legacy", assignment.isLegacy)
      writer.endObject()
    }
    writer.endArray()
  }

  private mutating func healthcheck(_ check: Healthcheck) {
    writer.member("none", check.isNone)
    command(check.command)
    writer.member("intervalNanoseconds", check.interval)
    writer.member("timeoutNanoseconds", check.timeout)
    writer.member("startPeriodNanoseconds", check.startPeriod)
    writer.member("startIntervalNanoseconds", check.startInterval)
    writer.member("retries", check.retries)
  }
}
