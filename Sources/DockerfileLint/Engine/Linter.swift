public import Diagnostics
public import DockerfileSyntax
public import SourceText

/// Finds what is wrong with Dockerfiles.
///
/// One value serves any number of files, also at the same time.
public struct Linter: Sendable {
  /// What the user decided.
  public let settings: LintSettings
  /// The rules that are on, but for those about the shell language.
  private let rules: [any Rule.Type]
  /// For each of them the commands that it is about; nil when it is not about certain commands.
  private let commandNames: [CommandNames?]
  /// The rules about the shell language that are on, by the number behind `SC`.
  private let shellRules: [Int: any ShellRule.Type]
  /// Their ids.
  private let ids: Set<String>
  /// The indices of the rules that look at each kind of instruction, by the kind's raw value.
  private let visitors: [[Int]]
  /// The same for instructions inside ONBUILD.
  private let triggerVisitors: [[Int]]
  /// The same for RUN, those about other commands left out.
  private let runVisitors: RunVisitors

  /// Makes a linter.
  public init(_ settings: LintSettings = LintSettings()) {
    self.settings = settings
    func isOn(_ rule: any Rule.Type) -> Bool {
      let data = rule.metadata
      return !data.isOff || settings.severities[data.code.id] != nil
        || CheckDirective.isExperimental(data.code.id)
    }
    var rules: [any Rule.Type] = []
    var visitors = [[Int]](repeating: [], count: InstructionKind.allCases.count)
    var triggerVisitors = visitors
    for rule in RuleRegistry.allButShellRules where isOn(rule) {
      let data = rule.metadata
      for kind in data.visits {
        visitors[Int(kind.rawValue)].append(rules.count)
        if data.visitsTriggers { triggerVisitors[Int(kind.rawValue)].append(rules.count) }
      }
      rules.append(rule)
    }
    precondition(rules.count <= RuleSet.capacity)
    self.rules = rules
    let commandNames = rules.map { $0.metadata.commandNames }
    self.commandNames = commandNames
    var runVisitors = RunVisitors()
    for rule in visitors[Int(InstructionKind.run.rawValue)] {
      runVisitors.insert(rule, about: commandNames[rule])
    }
    self.runVisitors = runVisitors
    self.visitors = visitors
    self.triggerVisitors = triggerVisitors
    var ids = Set(rules.map { $0.metadata.code.id })
    var shellRules: [Int: any ShellRule.Type] = [:]
    for rule in DockerfileLint.shellRules where isOn(rule) {
      let id = rule.metadata.code.id
      ids.insert(id)
      if let code = Int(id.dropFirst(2)) { shellRules[code] = rule }
    }
    self.ids = ids
    self.shellRules = shellRules
  }

  /// Makes a linter that leaves some rules out.
  ///
  /// - Parameter ignored: ids, names or aliases of rules; what names no rule has no effect.
  public init(ignoring ignored: some Sequence<String>) {
    self.init(LintSettings { $0.ignored = Set(ignored.flatMap { RuleRegistry.canonicalIDs(for: $0) }) })
  }

  /// Lints a file.
  ///
  /// A file in UTF-16 or UTF-32 is linted as UTF-8; the result then has that text as its source.
  public func lint(_ source: Source, _ environment: LintEnvironment = LintEnvironment()) -> LintResult {
    guard let decoded = WideText.decoded(source) else {
      return lint(Dockerfile(parsing: source), environment)
    }
    let result = lint(Dockerfile(parsing: decoded), environment)
    return settings.isStrict || settings.ignored.contains("DL1000") ? result : result.adding(WideText.finding)
  }

  /// Lints a parsed file: one walk over the instructions, every rule with a value of its own.
  public func lint(_ dockerfile: Dockerfile, _ environment: LintEnvironment = LintEnvironment()) -> LintResult
  {
    guard settings.isStrict else { return findings(in: dockerfile, environment) }
    if let refusal = StrictVerdict.refusal(dockerfile.source) {
      return LintResult(dockerfile: dockerfile, entries: [refusal])
    }
    return findings(in: StrictVerdict.reading(dockerfile), environment)
  }

  private func findings(in dockerfile: Dockerfile, _ environment: LintEnvironment) -> LintResult {
    let context = LintContext(dockerfile, settings, environment)
    var entries = self.entries(context)
    entries = context.checkDirective.applied(to: entries, settings)
    if settings.obeysPragmas { obeyPragmas(&entries, context) }
    entries.removeAll { settings.ignored.contains($0.diagnostic.code.id) }
    if settings.isStrict { entries = StrictVerdict.verdict(entries, context) }
    for index in entries.indices { adjust(&entries[index].diagnostic) }
    return LintResult(dockerfile: dockerfile, entries: entries, order: sorted(entries))
  }

  /// What the rules find.
  private func entries(_ context: LintContext) -> [Findings.Entry] {
    var findings = Findings()
    let called = context.commandNames
    // Rules that are about commands which the file does not call have no value.
    var values = rules.indices.map { rule -> (any Rule)? in isAbout(called, rule) ? rules[rule].init() : nil }
    var triggerValues: [Int: any Rule] = [:]
    // A span: an array would ask before each visit whether somebody else holds it.
    var span = values.mutableSpan
    for instruction in context.dockerfile.instructions {
      // By index: a loop over the list would count a reference to it, which threads share and so wait for each other.
      let kind = Int(instruction.kind.rawValue)
      if let names = context.script(of: instruction)?.names {
        let rules = runVisitors.rules(calling: names)
        var next = 0
        while let rule = rules.first(from: next) {
          span[rule]?.visit(instruction, context, &findings)
          next = rule + 1
        }
        continue
      }
      for position in visitors[kind].indices {
        span[visitors[kind][position]]?.visit(instruction, context, &findings)
      }
      guard instruction.kind == .onbuild else { continue }
      var inner = instruction
      while case .onbuild(let trigger?) = inner.details {
        inner = trigger
        let names = context.script(of: inner)?.names ?? called
        for rule in triggerVisitors[Int(inner.kind.rawValue)] where isAbout(names, rule) {
          triggerValues[rule, default: rules[rule].init()].visit(inner, context, &findings)
        }
      }
    }
    for rule in span.indices { span[rule]?.finish(context, &findings) }
    for rule in triggerValues.keys.sorted() { triggerValues[rule]?.finish(context, &findings) }
    report(context.shellFindings, context, &findings)
    if let shellCheck = context.environment.shellCheck {
      findings.add(shellCheck, of: context.dockerfile, settings)
    }
    findings.addProblems(of: context.dockerfile)
    return findings.entries
  }

  /// Whether a rule may have something to say where some commands are called.
  private func isAbout(_ names: CommandNames, _ rule: Int) -> Bool {
    guard let own = commandNames[rule] else { return true }
    return !own.isDisjoint(with: names)
  }

  /// Lets the rules about the shell language say what was found under their codes.
  private func report(_ found: ShellFindings, _ context: LintContext, _ findings: inout Findings) {
    for code in found.byCode.keys.sorted() {
      guard let rule = shellRules[code], let entries = found.byCode[code] else { continue }
      rule.report(entries, context, &findings)
    }
  }

  /// Leaves out what pragmas silence, and adds what is to say about them.
  private func obeyPragmas(_ entries: inout [Findings.Entry], _ context: LintContext) {
    var pragmas = context.pragmas
    guard !pragmas.isEmpty else { return }
    entries.removeAll { pragmas.silences($0) }
    let about = pragmas.findings { ids.contains($0) && !settings.ignored.contains($0) }
    // Pragmas may speak of pragmas.
    for diagnostic in about where ids.contains(diagnostic.code.id) {
      let entry = Findings.Entry(diagnostic: diagnostic, instruction: nil)
      if !pragmas.silences(entry) { entries.append(entry) }
    }
  }

  /// Gives a finding the severity and the name that the user wants.
  private func adjust(_ diagnostic: inout Diagnostic) {
    let id = diagnostic.code.id
    if let severity = settings.severities[id] { diagnostic.severity = severity }
    if settings.names == .buildkit, let name = RuleRegistry.rule(named: id)?.metadata.buildkit {
      diagnostic.code = DiagnosticCode(name, diagnostic.code.name)
    }
  }

  /// The indices of entries by place, then by code, then in the order in which they were found.
  private func sorted(_ entries: [Findings.Entry]) -> [Int] {
    return entries.indices.sorted { left, right in
      let (place, other) = (entries[left].diagnostic.range.lower, entries[right].diagnostic.range.lower)
      if place != other { return place < other }
      if entries[left].diagnostic.code.id == entries[right].diagnostic.code.id { return left < right }
      return entries[left].diagnostic.code.id < entries[right].diagnostic.code.id
    }
  }
}

/// A file and what was found in it.
public struct LintResult: Sendable {
  /// The file.
  public let dockerfile: Dockerfile
  /// The findings, sorted by place.
  public let findings: [Diagnostic]
  /// For each finding the index of the instruction that it belongs to; nil when it belongs to none.
  package let instructions: [Int?]

  /// - Parameter order: the indices of the entries as they are to stand; nil for the order in which they are.
  init(dockerfile: Dockerfile, entries: [Findings.Entry], order: [Int]? = nil) {
    self.dockerfile = dockerfile
    let order = order ?? Array(entries.indices)
    findings = order.map { entries[$0].diagnostic }
    instructions = order.map { entries[$0].instruction }
  }

  /// The file's bytes and name.
  public var source: Source { dockerfile.source }

  /// The result with one more finding, at the start of the file.
  func adding(_ entry: Findings.Entry) -> LintResult {
    LintResult(
      dockerfile: dockerfile,
      entries: [entry] + zip(findings, instructions).map { Findings.Entry(diagnostic: $0, instruction: $1) })
  }
}
