package import DockerfileSyntax
package import ShellSyntax
package import SourceText

/// The file that is linted, with what several rules want to know of it; each part is made when the first rule asks.
package final class LintContext {
  /// The file.
  package let dockerfile: Dockerfile

  /// What the user decided.
  package let settings: LintSettings
  /// What is known beside the file.
  package let environment: LintEnvironment

  package init(
    _ dockerfile: Dockerfile, _ settings: LintSettings = LintSettings(),
    _ environment: LintEnvironment = LintEnvironment()
  ) {
    self.dockerfile = dockerfile
    self.settings = settings
    self.environment = environment
  }

  /// Whether hadolint's verdict counts also where it is wrong.
  package var isStrict: Bool { settings.isStrict }

  /// The pragmas; their use is counted elsewhere.
  lazy var pragmas = Pragmas(self)

  /// The shell that runs the shell form of each instruction, by index.
  package lazy var shells = DockerfileLint.shells(
    of: dockerfile, pragmas: settings.obeysPragmas ? pragmas.shells : [],
    image: { [environment] in environment.imageFacts($0)?.shell })

  /// The scripts of the RUN instructions, those inside ONBUILD included, with the offsets of these, in the order of the file.
  private lazy var scripts: [(offset: UInt32, script: RunScript)] = {
    var scripts: [(offset: UInt32, script: RunScript)] = []
    for index in dockerfile.instructions.indices where dockerfile.instructions[index].kind.mayRun {
      if dockerfile.instructions[index].kind == .run {
        guard let script = makeScript(of: dockerfile.instructions[index]) else { continue }
        scripts.append((dockerfile.instructions[index].range.lower, script))
        continue
      }
      var instruction = dockerfile.instructions[index]
      while case .onbuild(let trigger?) = instruction.details { instruction = trigger }
      guard let script = makeScript(of: instruction) else { continue }
      scripts.append((instruction.range.lower, script))
    }
    return scripts
  }()
  /// The index of the script that was asked for last: all rules ask for that of one instruction before they come to the next.
  private var latestScript = 0

  /// The names of all commands that the file's scripts call.
  lazy var commandNames: CommandNames = {
    var names = CommandNames()
    for index in scripts.indices { names.formUnion(scripts[index].script.names) }
    return names
  }()

  /// The shell text of a RUN, also of one inside ONBUILD; nil for any other instruction.
  package func script(of instruction: Instruction) -> RunScript? {
    guard instruction.kind == .run else { return nil }
    let offset = instruction.range.lower
    if latestScript < scripts.count, scripts[latestScript].offset == offset {
      return scripts[latestScript].script
    }
    var (low, high) = (0, scripts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if scripts[middle].offset <= offset { low = middle } else { high = middle }
    }
    guard low < scripts.count, scripts[low].offset == offset else { return makeScript(of: instruction) }
    latestScript = low
    return scripts[low].script
  }

  private func makeScript(of instruction: Instruction) -> RunScript? {
    runScript(of: instruction, in: dockerfile, shell: shells[instruction.index], isStrict: isStrict)
  }

  /// What is found in the scripts of RUN, by the number behind `SC`.
  lazy var shellFindings = ShellFindings(self)

  /// The tree.
  package var tree: SyntaxTree { dockerfile.tree }

  /// The way from offsets to lines.
  package lazy var lines = LineIndex(dockerfile.source)

  /// Instructions with at least one problem.
  package lazy var brokenInstructions = Set(dockerfile.problems.compactMap(\.instruction))

  private var latestFit: (offset: UInt32, fit: ArgumentFit?)?

  /// How well the arguments of an instruction go with its keyword; nil for one that is not judged.
  func argumentFit(of instruction: Instruction) -> ArgumentFit? {
    let offset = instruction.range.lower
    if let latestFit, latestFit.offset == offset { return latestFit.fit }
    let fit = ArgumentFit(instruction, hasProblem: brokenInstructions.contains(instruction.index))
    latestFit = (offset, fit)
    return fit
  }

  /// What the `# check=` comments say.
  lazy var checkDirective = CheckDirective(dockerfile, replacing: environment.check)

  /// What the stages are built on.
  lazy var stageBases = StageBases(dockerfile)

  /// The variables before each instruction.
  lazy var variables = StageVariables(dockerfile, stageBases, imageFacts: environment.imageFacts)

  /// The line (from 1) in which an instruction starts.
  package func line(of instruction: Instruction) -> Int {
    lines.line(of: instruction.syntax.keyword.lower)
  }

  /// A keyword in the letter case in which the file has another.
  package func keyword(_ kind: InstructionKind, like keyword: ByteRange) -> String {
    let isSmall = !dockerfile.source.bytes(in: keyword).contains { $0 >= 0x41 && $0 <= 0x5A }
    return isSmall ? kind.keyword.lowercased() : kind.keyword
  }
}

extension InstructionKind {
  /// Whether an instruction of the kind is a RUN, or may hold one.
  fileprivate var mayRun: Bool { self == .run || self == .onbuild }
}
