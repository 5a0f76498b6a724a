import DockerfileSyntax
import FileTree
import Isolation
import OCIModel
import SourceText

/// Turns the instructions of one stage into the configuration of its image and the steps that make its layers.
///
/// It is a function of the base's configuration, the instructions and the arguments: it touches no file. What
/// is wrong is collected, and the next instruction is read as if it were right.
struct StageLowering {
  let globals: GlobalArguments
  /// For RUN without `--network`.
  let network: Network
  /// The time of history entries.
  let created: String
  /// What the names behind `--from` and `from=` mean in this stage.
  let references: [String: TreeReference]
  var image: ImageConfig
  var scope: VariableScope
  private(set) var steps: [BuildStep] = []
  private(set) var problems: [BuildProblem] = []
  private(set) var warnings: [BuildWarning] = []
  /// Whether this stage has set CMD: then ENTRYPOINT leaves it.
  var hasCommand = false
  /// The instruction that is being read.
  private var place = Place()

  /// Where problems and steps are said to be.
  struct Place {
    var instruction = 0
    /// Set for a trigger of the base: the range of the FROM and the trigger's text.
    var trigger: (range: ByteRange, text: [UInt8])?
    var escape: UInt8 = 0x5C
  }

  init(
    globals: GlobalArguments, network: Network, created: String, references: [String: TreeReference],
    image: ImageConfig, scope: VariableScope
  ) {
    self.globals = globals
    self.network = network
    self.created = created
    self.references = references
    self.image = image
    self.scope = scope
  }

  // MARK: Starting points

  /// The configuration and variables that a stage starts with.
  static func start(from base: ImageConfig) -> (image: ImageConfig, scope: VariableScope) {
    var image = base
    image.created = nil
    image.config.onBuild = []
    if image.platform.os != windows { setPath(&image.config) }
    var scope = VariableScope()
    for variable in image.config.environment {
      let (name, value) = splitVariable(variable)
      scope.set(name, value)
    }
    return (image, scope)
  }

  /// The configuration of `FROM scratch`.
  static func empty(_ platform: Platform) -> ImageConfig {
    var image = ImageConfig(platform: platform)
    image.config.workingDirectory = platform.os == windows ? "\\" : "/"
    return image
  }

  /// It has another root, and no folders where programs would be looked for.
  static let windows = "windows"

  private static func setPath(_ config: inout ContainerConfig) {
    guard !config.environment.contains(where: { $0.utf8.starts(with: "PATH=".utf8) }) else { return }
    config.environment.append("PATH=" + String(decoding: ProcessSpec.defaultPath, as: UTF8.self))
  }

  static func splitVariable(_ text: String) -> (name: [UInt8], value: [UInt8]) {
    let bytes = Array(text.utf8)
    guard let equals = bytes.firstIndex(of: 0x3D) else { return (bytes, []) }
    return (Array(bytes[..<equals]), Array(bytes[(equals + 1)...]))
  }

  // MARK: Instructions

  /// Reads an instruction. `trigger` is the range of the FROM and the text, for one of the base's ONBUILD.
  mutating func lower(
    _ instruction: Instruction, of tree: SyntaxTree, index: Int,
    trigger: (range: ByteRange, text: [UInt8])? = nil
  ) {
    place = Place(instruction: index, trigger: trigger, escape: tree.escape)
    switch instruction.details {
    case .env(let assignments): environment(assignments)
    case .label(let assignments): labels(assignments)
    case .arg(let assignments): arguments(assignments)
    case .workdir(let word): workdir(word, instruction, tree)
    case .user(let word): user(word)
    case .expose(let words): expose(words)
    case .volume(let words): volumes(words)
    case .cmd(let command): cmd(command)
    case .entrypoint(let command): entrypoint(command)
    case .shell(let command): shell(command)
    case .stopsignal(let word): stopsignal(word)
    case .healthcheck(let check): healthcheck(check)
    case .maintainer(let word): maintainer(word)
    case .onbuild(let inner): onbuild(inner, tree)
    case .copy(let transfer): copy(transfer, instruction, tree, isAdd: false)
    case .add(let transfer): copy(transfer, instruction, tree, isAdd: true)
    case .run(let run): self.run(run, instruction, tree)
    case .from, .unknown: break
    }
  }

  // MARK: Helpers

  mutating func report(_ kind: BuildProblem.Kind, at range: ByteRange) {
    problems.append(
      BuildProblem(
        kind, at: place.trigger?.range ?? range, instruction: place.instruction, trigger: place.trigger?.text)
    )
  }

  mutating func warn(_ warning: BuildWarning) { warnings.append(warning) }

  /// A word with its variables replaced; nil after a problem, which is reported.
  mutating func expanded(_ word: Word) -> [UInt8]? {
    do throws(ExpansionError) {
      return try scope.expand(word.bytes, escape: place.escape)
    } catch {
      report(.expansion(error), at: word.range)
      return nil
    }
  }

  mutating func expandedText(_ word: Word) -> String? {
    expanded(word).map { String(decoding: $0, as: UTF8.self) }
  }

  /// All words, or nil if one cannot be expanded; every problem is reported.
  mutating func expanded(_ words: [Word]) -> [[UInt8]]? {
    var result: [[UInt8]] = []
    var isComplete = true
    for word in words {
      if let text = expanded(word) { result.append(text) } else { isComplete = false }
    }
    return isComplete ? result : nil
  }

  mutating func splitWords(_ word: Word) -> [[UInt8]]? {
    do throws(ExpansionError) {
      return try scope.words(word.bytes, escape: place.escape)
    } catch {
      report(.expansion(error), at: word.range)
      return nil
    }
  }

  /// Adds a line to the history.
  mutating func record(_ text: String, hasLayer: Bool = false) {
    image.history.append(
      History(created: created, createdBy: text, comment: "buildkit.dockerfile.v0", emptyLayer: !hasLayer))
  }

  /// Adds a step that makes a layer, and its line of the history.
  mutating func add(
    _ operation: Operation, _ instruction: Instruction, _ tree: SyntaxTree, history: String
  ) {
    record(history, hasLayer: true)
    steps.append(
      BuildStep(
        instruction: place.instruction, range: place.trigger?.range ?? instruction.range,
        trigger: place.trigger?.text, title: Self.title(instruction, tree), operation: operation))
  }

  /// The instruction in one line, blanks run together.
  private static func title(_ instruction: Instruction, _ tree: SyntaxTree) -> String {
    let line = String(decoding: tree.cookedLine(of: instruction.syntax), as: UTF8.self)
    return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The command behind the shell, if it has the shell form. Nothing at all is an empty text for the shell.
  func argumentList(_ command: CommandForm) -> [String] {
    switch command {
    case .none: shellWords + [""]
    case .exec(let words): words.map(\.string)
    case .shell(let text): shellWords + [text.string]
    }
  }

  var shellWords: [String] {
    guard let shell = image.config.shell, !shell.isEmpty else { return ["/bin/sh", "-c"] }
    return shell
  }

  /// A path as the stage's current folder makes it absolute; cleaned.
  func absolutePath(_ path: [UInt8]) -> BytePath {
    if path.first == 0x2F { return BytePath(path).cleaned }
    // The folder that images of Windows start in is the root, which is written otherwise there.
    let written = image.config.workingDirectory.map { Array($0.utf8) } ?? [0x2F]
    let folder = written == [0x5C] ? [0x2F] : written
    return BytePath([0x2F] + folder + [0x2F] + path).cleaned
  }

  var escape: UInt8 { place.escape }
}
