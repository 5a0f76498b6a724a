import DockerfileLint
import Glibc
import JSONText
import OCIModel

/// One run of an installed ShellCheck over all scripts of a lint run.
enum ShellCheckRun {
  /// What the program says of the scripts.
  ///
  /// - Parameter program: a path, or a name that is looked up in PATH.
  /// - Throws: when the program cannot be started, or does not answer in the format `json1` (ShellCheck 0.7 and later).
  static func comments(on scripts: [[UInt8]], program: String = "shellcheck") throws(Failure)
    -> [ShellCheckComment]
  {
    guard !scripts.isEmpty else { return [] }
    let folder = try makeFolder()
    var names: [String] = []
    defer {
      for name in names { unsafe unlink(name) }
      unsafe rmdir(folder)
    }
    for (index, script) in scripts.enumerated() {
      let name = "\(folder)/\(index).sh"
      names.append(name)
      try write(script, to: name)
    }
    var comments: [ShellCheckComment] = []
    // As many names as surely fit into the arguments of one program.
    for start in stride(from: 0, to: names.count, by: maximumFiles) {
      let part = names[start..<min(start + maximumFiles, names.count)]
      let output = try run([program, "--norc", "-f", "json1"] + part, program)
      comments += try parse(output, folder, program)
    }
    return comments
  }

  private static let maximumFiles = 4000
  /// The largest answer that is read.
  private static let maximumAnswer = 256 << 20

  // MARK: Files

  private static func makeFolder() throws(Failure) -> String {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/slipway-shellcheck-XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard isMade else {
      throw Failure("ShellCheck cannot be asked: \(parent): \(errorText(errno))", status: Exit.unable)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func write(_ bytes: [UInt8], to name: String) throws(Failure) {
    let file = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw Failure("ShellCheck cannot be asked: \(name): \(errorText(errno))", status: Exit.unable)
    }
    defer { close(file) }
    guard writeAll(file, bytes) else {
      throw Failure("ShellCheck cannot be asked: \(name): \(errorText(errno))", status: Exit.unable)
    }
  }

  // MARK: The program

  /// Runs the program; its output.
  private static func run(_ words: [String], _ program: String) throws(Failure) -> [UInt8] {
    let output: ProgramOutput
    do throws(ProgramOutput.Problem) {
      output = try ProgramOutput(of: words)
    } catch {
      throw Failure(
        "--shellcheck needs ShellCheck: `\(program)`: \(errorText(error.number))", status: Exit.unable)
    }
    // 1 says that something was found.
    guard output.status <= 1 else {
      throw Failure("`\(program)` could not check the scripts", status: Exit.unable)
    }
    return output.bytes
  }

  // MARK: The answer

  private static func parse(_ output: [UInt8], _ folder: String, _ program: String) throws(Failure)
    -> [ShellCheckComment]
  {
    let unreadable = Failure("`\(program)` does not answer as ShellCheck does", status: Exit.unable)
    let answer: JSONValue
    do throws(DocumentError) {
      answer = try JSONReader.read(output, limit: maximumAnswer)
    } catch {
      throw unreadable
    }
    guard case .array(let values)? = answer["comments"] else { throw unreadable }
    var comments: [ShellCheckComment] = []
    for value in values {
      guard case .string(let file)? = value["file"], file.hasPrefix(folder + "/"), file.hasSuffix(".sh"),
        let script = Int(file.dropFirst(folder.utf8.count + 1).dropLast(3)), let place = place(value),
        case .string(let level)? = value["level"], case .integer(let code)? = value["code"],
        case .string(let message)? = value["message"]
      else { throw unreadable }
      var replacements: [ShellCheckComment.Replacement] = []
      if let fix = value["fix"], case .array(let parts)? = fix["replacements"] {
        for part in parts {
          guard let place = self.place(part), case .string(let text)? = part["replacement"] else {
            throw unreadable
          }
          replacements.append(ShellCheckComment.Replacement(place, text))
        }
      }
      comments.append(
        ShellCheckComment(
          script: script, place: place, level: level, code: Int(code), message: message,
          replacements: replacements))
    }
    return comments
  }

  private static func place(_ value: JSONValue) -> ShellCheckComment.Place? {
    guard case .integer(let line)? = value["line"], case .integer(let column)? = value["column"],
      case .integer(let endLine)? = value["endLine"], case .integer(let endColumn)? = value["endColumn"]
    else { return nil }
    return ShellCheckComment.Place(
      line: Int(clamping: line), column: Int(clamping: column), endLine: Int(clamping: endLine),
      endColumn: Int(clamping: endColumn))
  }
}
