import DockerfileSyntax
import FileTree
import ImageStore
import OCIModel
import SourceText

/// Makes a ``BuildPlan``: finds the stages that are needed, looks up their bases, and reads their instructions.
struct Planner<Images: BaseImages> {
  private let request: BuildRequest
  private let images: Images
  private let file: Dockerfile
  private let host = Platform.host
  private let platform: Platform
  private var globals: GlobalArguments
  private var problems: [BuildProblem] = []
  private var warnings: [BuildWarning] = []
  private var planned: [Int: PlannedStage] = [:]
  private var found: [BaseImage] = []
  private var foundIndices: [ImageKey: Int] = [:]
  private var folders: [NamedFolder] = []
  /// Stages that are planned, are being planned, or cannot be.
  private var begun: Set<Int> = []

  private struct ImageKey: Hashable {
    var name: String
    var platform: Platform?
  }

  private struct PlannedStage {
    var stage: BuildPlan.Stage
    var scope: VariableScope
    /// Whether it stands on an image of Windows.
    var isOnWindows: Bool
  }

  init(_ request: BuildRequest, images: Images) {
    self.request = request
    self.images = images
    file = Dockerfile(parsing: request.dockerfile)
    platform = request.platform ?? .host
    globals = GlobalArguments(
      request, lastStage: file.stages.last?.name, host: host, target: platform)
  }

  mutating func plan() throws(BuildError) -> BuildPlan {
    try file.refuseProblems()
    checkFrontend()
    readPreamble()
    guard let target = findTarget() else { throw .invalid(problems) }
    plan(target)
    guard problems.isEmpty else { throw .invalid(sorted(problems)) }
    warnAboutArguments()
    let stages = planned.keys.sorted().compactMap { planned[$0]?.stage }
    return BuildPlan(stages: stages, target: target, images: found, folders: folders, warnings: warnings)
  }

  /// Slipway reads Dockerfiles itself. docker's own frontend reads the same language; another one need not.
  private mutating func checkFrontend() {
    guard let directive = file.tree.directives.first(where: { $0.kind == .syntax }) else { return }
    let value = file.source.text(in: directive.value)
    let image = value.prefix { $0 != " " && $0 != "@" }
    let known = ["docker/dockerfile", "docker/dockerfile-upstream", "docker.io/docker/dockerfile"]
    let isKnown = known.contains { image == $0 || image.hasPrefix($0 + ":") }
    guard !isKnown else { return }
    problems.append(BuildProblem(.unsupported(.frontend(value)), at: directive.range, instruction: nil))
  }

  private func sorted(_ problems: [BuildProblem]) -> [BuildProblem] {
    problems.enumerated().sorted { left, right in
      left.element.range != right.element.range
        ? left.element.range < right.element.range : left.offset < right.offset
    }.map(\.element)
  }

  private mutating func report(_ kind: BuildProblem.Kind, at range: ByteRange, _ instruction: Int) {
    problems.append(BuildProblem(kind, at: range, instruction: instruction))
  }

  private mutating func readPreamble() {
    for instruction in file.instructions[file.preamble] {
      guard case .arg(let assignments) = instruction.details else { continue }
      for assignment in assignments {
        do throws(ExpansionError) {
          try globals.declare(assignment, escape: file.tree.escape)
        } catch {
          report(.expansion(error), at: assignment.value?.range ?? instruction.range, instruction.index)
        }
      }
    }
  }

  private mutating func findTarget() -> Int? {
    do throws(BuildProblem) {
      return try file.target(request.target)
    } catch {
      problems.append(error)
      return nil
    }
  }

  // MARK: Stages

  /// Plans a stage and all that it needs. Those that wait for others are in a list, and not on the stack: of a file with
  /// thousands of stages each may need the one before.
  private mutating func plan(_ target: Int) {
    var waiting: [OpenStage] = []
    var next: Int? = target
    while true {
      if let number = next, let stage = open(number) { waiting.append(stage) }
      guard var stage = waiting.popLast() else { return }
      next = goOn(&stage)
      if next != nil { waiting.append(stage) }
    }
  }

  /// Begins a stage; nil if there is nothing that it could stand on.
  private mutating func open(_ number: Int) -> OpenStage? {
    begun.insert(number)
    let stage = file.stages[number]
    let platform = platform(of: stage)
    guard let base = base(of: stage, platform: platform) else { return nil }
    return OpenStage(stage: stage, platform: platform, base: base)
  }

  /// Goes on with a stage, up to its end or to a stage above it that has to be planned before.
  /// - Returns: that stage.
  private mutating func goOn(_ stage: inout OpenStage) -> Int? {
    if stage.start == nil {
      if case .stage(let other) = stage.base, planned[other] == nil {
        // Without it, its problems are what there is to say.
        return begun.contains(other) ? nil : other
      }
      start(&stage)
    }
    while stage.known < stage.names.count {
      let name = stage.names[stage.known]
      if stage.references[name.text] == nil {
        let found = reference(name, of: stage)
        if case .stage(let number)? = found, !begun.contains(number) { return number }
        stage.references[name.text] = found
      }
      stage.known += 1
    }
    finish(stage)
    return nil
  }

  /// Takes over what the base has, and reads what the stage names.
  private mutating func start(_ open: inout OpenStage) {
    let stage = open.stage
    var triggers: [String] = []
    switch open.base {
    case .scratch:
      let (image, scope) = StageLowering.start(from: StageLowering.empty(open.platform ?? platform))
      open.start = OpenStage.Start(image: image, scope: scope, isOnWindows: false)
    case .image(let index):
      triggers = found[index].image.config.config.onBuild
      let (image, scope) = StageLowering.start(from: found[index].image.config)
      open.start = OpenStage.Start(image: image, scope: scope, isOnWindows: image.platform.os == "windows")
    case .stage(let other):
      guard let parent = planned[other] else { return }
      triggers = parent.stage.image.config.onBuild
      open.start = OpenStage.Start(
        image: parent.stage.image, scope: parent.scope, isOnWindows: parent.isOnWindows)
      open.start?.image.config.onBuild = []
    }
    let range = file.instructions[stage.start].range
    let inherited = items(of: triggers, at: range, stage.start)
    open.items =
      inherited + file.instructions[stage.body].map { OpenStage.Item(instruction: $0, tree: file.tree) }
    open.names = names(in: open.items, of: stage)
  }

  /// Reads the instructions of a stage.
  private mutating func finish(_ open: OpenStage) {
    guard let start = open.start else { return }
    let stage = open.stage
    let range = file.instructions[stage.start].range
    var lowering = StageLowering(
      globals: globals, network: request.network,
      created: timestampText(seconds: request.created.seconds, nanoseconds: request.created.nanoseconds),
      references: open.references, image: start.image, scope: start.scope)
    for item in open.items {
      lowering.lower(
        item.instruction, of: item.tree, index: item.trigger == nil ? item.instruction.index : stage.start,
        trigger: item.trigger.map { (range: range, text: $0) })
    }
    problems += lowering.problems
    warnings += lowering.warnings
    checkPlatform(lowering)
    if start.isOnWindows, let step = lowering.steps.first {
      problems.append(
        BuildProblem(
          .unsupported(.windowsLayer), at: step.range, instruction: step.instruction, trigger: step.trigger))
    }
    planned[stage.number] = PlannedStage(
      stage: BuildPlan.Stage(
        number: stage.number, name: stage.from.name?.string, base: open.base, instruction: stage.start,
        range: range, steps: lowering.steps, image: lowering.image,
        references: Set(open.references.values)),
      scope: lowering.scope, isOnWindows: start.isOnWindows)
  }

  /// The platform of `--platform`; nil without one.
  private mutating func platform(of stage: Dockerfile.Stage) -> Platform? {
    guard let word = stage.from.platform else { return request.platform }
    do {
      let text = try globals.scope.expand(word.bytes, escape: file.tree.escape)
      return try Platform(parsing: String(decoding: text, as: UTF8.self))
    } catch let error as ExpansionError {
      report(.expansion(error), at: word.range, stage.start)
    } catch let error as PlatformError {
      report(.invalidPlatform(word.string, error), at: word.range, stage.start)
    } catch {
      return nil
    }
    return nil
  }

  private mutating func base(of stage: Dockerfile.Stage, platform: Platform?) -> BuildPlan.Base? {
    guard let word = stage.from.image else { return nil }
    let name: String
    do throws(ExpansionError) {
      name = String(decoding: try globals.scope.expand(word.bytes, escape: file.tree.escape), as: UTF8.self)
    } catch {
      report(.expansion(error), at: word.range, stage.start)
      return nil
    }
    if name.isEmpty {
      report(.blankBase(word.string), at: word.range, stage.start)
      return nil
    }
    let earlier = file.stages[..<stage.number]
    if images.replacesStage(name) {
      return image(name, platform: platform, at: word.range, stage.start).map { .image($0) }
    }
    if let other = earlier.last(where: { $0.name == name.lowercased() }) { return .stage(other.number) }
    if name == "scratch" { return .scratch }
    if let number = Int(name), earlier.indices.contains(number) { return .stage(number) }
    return image(name, platform: platform, at: word.range, stage.start).map { .image($0) }
  }

  /// Looks an image up, once for each name and platform.
  private mutating func image(
    _ name: String, platform: Platform?, at range: ByteRange, _ instruction: Int
  ) -> Int? {
    let key = ImageKey(name: name, platform: platform)
    if let index = foundIndices[key] { return index }
    do throws(BaseImageError) {
      let image = try images.image(name, platform: platform)
      let actual = image.config.platform.normalized
      if platform == nil, actual.architecture != host.architecture || actual.os != host.os {
        warnings.append(.platformMismatch(image: name, wanted: host, actual: actual))
      }
      found.append(BaseImage(name: name, image: image))
      foundIndices[key] = found.count - 1
      return found.count - 1
    } catch {
      report(.base(name, error), at: range, instruction)
      return nil
    }
  }

  // MARK: Triggers

  private mutating func items(of triggers: [String], at range: ByteRange, _ instruction: Int) -> [OpenStage
    .Item]
  {
    var items: [OpenStage.Item] = []
    for text in triggers {
      let bytes = Array(text.utf8)
      let parsed = Dockerfile(parsing: Source(name: "ONBUILD", bytes: bytes))
      let problem = parsed.problems.first { $0.kind != .beforeFrom && $0.kind != .noStage }
      let forbidden: [InstructionKind] = [.from, .maintainer, .onbuild, .unknown]
      if let problem {
        problems.append(
          BuildProblem(.syntax(problem.kind), at: range, instruction: instruction, trigger: bytes))
      } else if parsed.instructions.count != 1 || forbidden.contains(parsed.instructions[0].kind) {
        problems.append(BuildProblem(.invalidTrigger, at: range, instruction: instruction, trigger: bytes))
      } else {
        items.append(OpenStage.Item(instruction: parsed.instructions[0], tree: parsed.tree, trigger: bytes))
      }
    }
    return items
  }

  // MARK: References

  /// What `--from` and `from=` name in instructions.
  private func names(in items: [OpenStage.Item], of stage: Dockerfile.Stage) -> [OpenStage.Name] {
    var result: [OpenStage.Name] = []
    for item in items {
      var names: [(text: String, range: ByteRange)] = []
      switch item.instruction.details {
      case .copy:
        if let from = item.instruction.flag("from")?.value { names.append((from.string, from.range)) }
      case .run(let run):
        names += run.mounts.compactMap { mount in
          mount.value("from").map { (String(decoding: $0, as: UTF8.self), mount.range) }
        }
      default: continue
      }
      let isTrigger = item.trigger != nil
      for (text, range) in names {
        result.append(
          OpenStage.Name(
            text: text, range: isTrigger ? file.instructions[stage.start].range : range,
            instruction: isTrigger ? stage.start : item.instruction.index))
      }
    }
    return result
  }

  /// What a name means in a stage. That a stage of the name is planned is for the caller to see to.
  private mutating func reference(_ name: OpenStage.Name, of open: OpenStage) -> TreeReference? {
    let (stage, text) = (open.stage, name.text)
    if let folder = images.folder(text) {
      if let index = folders.firstIndex(where: { $0.path == folder.path }) { return .folder(index) }
      folders.append(folder)
      return .folder(folders.count - 1)
    }
    if images.replacesStage(text) {
      return image(text, platform: open.platform, at: name.range, name.instruction).map { .image($0) }
    }
    let number: Int
    if let index = Int(text) {
      guard file.stages.indices.contains(index) else {
        report(.unknownStageNumber(index, count: file.stages.count), at: name.range, name.instruction)
        return nil
      }
      number = index
    } else {
      let same = file.stages.filter { $0.name == text.lowercased() }
      guard let match = same.last(where: { $0.number < stage.number }) ?? same.first else {
        return image(text, platform: open.platform, at: name.range, name.instruction).map { .image($0) }
      }
      number = match.number
    }
    if number == stage.number {
      report(.circularStage(text), at: name.range, name.instruction)
      return nil
    }
    if number > stage.number {
      report(.laterStage(text), at: name.range, name.instruction)
      return nil
    }
    return .stage(number)
  }

  // MARK: Checks

  /// Commands for another platform that certainly do not run here are told before anything is, at the first of a stage.
  private mutating func checkPlatform(_ lowering: StageLowering) {
    let wanted = lowering.image.platform.normalized
    let platforms = CommandPlatforms(host: host, handlerFolder: request.handlerFolder)
    guard case .cannot(let reason) = platforms.verdict(on: wanted) else { return }
    let first = lowering.steps.first { step in
      if case .run = step.operation { true } else { false }
    }
    guard let first else { return }
    problems.append(
      BuildProblem(
        .foreignPlatform(wanted: wanted, host: host, reason), at: first.range, instruction: first.instruction,
        trigger: first.trigger))
  }

  private mutating func warnAboutArguments() {
    var declared: Set<[UInt8]> = []
    for instruction in file.instructions {
      guard case .arg(let assignments) = instruction.details else { continue }
      for assignment in assignments { declared.insert(assignment.name.bytes) }
    }
    for name in globals.given.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let text = String(decoding: name, as: UTF8.self)
      let isPredefined =
        GlobalArguments.proxyNames.contains(text.lowercased()) || globals.scope[name] != nil
        || text.hasPrefix("BUILDKIT_") || text == "SOURCE_DATE_EPOCH"
      if !declared.contains(name), !isPredefined { warnings.append(.unusedArgument(name)) }
    }
  }
}
