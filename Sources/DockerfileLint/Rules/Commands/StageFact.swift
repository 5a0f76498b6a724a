import DockerfileSyntax

/// Something that holds at a place in a stage; a stage that is built on another one starts with what held at its end.
struct StageFact<Value> {
  /// What holds now.
  var current: Value
  private var atEnd: [Value] = []
  private var count = 0

  /// Starts outside any stage.
  init(_ value: Value) {
    current = value
  }

  /// Starts the next stage.
  ///
  /// - Parameter base: what holds in an image that is no stage of the file, by its name; nil where a variable decides.
  mutating func startStage(_ context: LintContext, base: (String?) -> Value) {
    if count > 0 { atEnd.append(current) }
    let bases = context.stageBases.bases
    current =
      switch count < bases.count ? bases[count] : .unknown {
      case .stage(let number) where number < atEnd.count: atEnd[number]
      case .scratch: base("scratch")
      case .image(let name): base(name)
      case .stage, .unknown: base(nil)
      }
    count += 1
  }
}
