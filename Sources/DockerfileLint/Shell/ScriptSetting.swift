import DockerfileSyntax
import SourceText

/// What is known of the shell that a RUN starts: its name as written, and the variables that are set.
struct ScriptSetting {
  /// The words of SHELL with blanks between.
  var shell = ScriptSetting.defaultShell
  /// The names of variables that ARG, ENV or the builder has set, so that they have a value without blanks, most likely.
  var variables = ScriptSetting.proxies

  /// The shell of an image that says nothing else.
  static let defaultShell = "/bin/sh -c"

  /// What every build may set.
  private static let proxies: Set<String> = [
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY",
    "no_proxy",
  ]

  /// Whether the image is one for Windows, which starts cmd when nobody says otherwise.
  var hasWindowsImage = false

  /// Whether hadolint leaves scripts for this shell alone.
  var isWindows: Bool { ["pwsh", "powershell", "cmd"].contains { shell.holds($0) } }
}

/// Walks over a file and says of each RUN what is known of its shell.
///
/// A stage starts with what held at the end of the stage that it is built on, and else with the defaults. The
/// instructions inside ONBUILD are a walk of their own, which sees nothing of what stands outside.
struct ScriptSettingWalk {
  private let context: LintContext
  private var current = ScriptSetting()
  private var initial = ScriptSetting()
  private var trigger = ScriptSetting()
  /// By the name of a stage: what held at its end.
  private var ends: [String: ScriptSetting] = [:]
  private var name: String?
  private var isBeforeFrom = true

  init(_ context: LintContext) {
    self.context = context
  }

  /// Calls a function with each RUN in shell form, those inside ONBUILD included.
  mutating func eachRun(_ body: (Instruction, ScriptSetting) -> Void) {
    var pragmas = (context.settings.obeysPragmas ? context.pragmas.shells : [])[...]
    let instructions = context.dockerfile.instructions
    for index in instructions.indices {
      while let pragma = pragmas.first, pragma.offset < instructions[index].range.lower {
        current.shell = pragma.shell
        if isBeforeFrom { initial.shell = pragma.shell }
        pragmas.removeFirst()
      }
      // The others need no copy.
      guard instructions[index].kind.isAboutScripts else { continue }
      let instruction = instructions[index]
      visit(instruction, body)
      guard instruction.kind == .onbuild else { continue }
      var inner = instruction
      while case .onbuild(let next?) = inner.details {
        inner = next
        guard inner.kind != .onbuild else { continue }
        swap(&current, &trigger)
        if inner.kind != .from { visit(inner, body) }
        swap(&current, &trigger)
      }
    }
  }

  /// hadolint 2.15.1 forgets the shell at each ARG and ENV.
  private mutating func forgetShell() {
    if context.isStrict { current.shell = ScriptSetting.defaultShell }
  }

  private mutating func visit(_ instruction: Instruction, _ body: (Instruction, ScriptSetting) -> Void) {
    switch instruction.details {
    case .from(let from): start(from)
    case .arg(let arguments):
      // hadolint reads the first name only.
      for argument in context.isStrict ? arguments.prefix(1) : arguments[...] {
        current.variables.insert(argument.name.string)
      }
      forgetShell()
    case .env(let assignments):
      for assignment in assignments { current.variables.insert(assignment.name.string) }
      forgetShell()
    case .shell(let form):
      current.shell = form.words.map(\.string).joined(separator: " ")
      current.hasWindowsImage = false
    case .run(let run):
      if case .shell = run.command { body(instruction, current) }
    default: break
    }
  }

  /// What names of Windows images have in them.
  private static let windows = ["windows", "nanoserver", "servercore"]

  private mutating func start(_ from: From) {
    if let name, ends[name] == nil || !context.isStrict { ends[name] = current }
    isBeforeFrom = false
    name = from.name.map { context.isStrict ? $0.string : $0.string.lowercased() }
    let base = from.image.map { word in
      let image = ImageName(word.bytes, isStrict: context.isStrict)
      return String(decoding: context.isStrict ? image.name : word.bytes[...], as: UTF8.self)
    }
    let known = base.flatMap { ends[context.isStrict ? $0 : $0.lowercased()] }
    current = known ?? initial
    guard known == nil, !context.isStrict, let base else { return }
    current.hasWindowsImage = context.tree.escape == 0x60 || Self.windows.contains { base.holds($0) }
    guard let facts = context.environment.imageFacts(base) else { return }
    current.variables.formUnion(facts.environment.keys)
    if let shell = facts.shell { current.shell = shell.joined(separator: " ") }
  }
}

extension InstructionKind {
  /// Whether it is a script, or changes how those behind it are read.
  fileprivate var isAboutScripts: Bool {
    switch self {
    case .from, .arg, .env, .shell, .run, .onbuild: true
    default: false
    }
  }
}
