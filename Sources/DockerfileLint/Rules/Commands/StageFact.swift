import DockerfileSyntax

/// Something that holds at a place in a stage; a stage that is built on another one starts with what held at its end.
struct StageFact<Value> {
  /// What holds now.
  var current: Value
  private var atEnd: [String: Value] = [:]
  private var name: String?

  /// Starts outside any stage.
  init(_ value: Value) {
    current = value
  }

  /// Starts a stage.
  ///
  /// - Parameter base: what holds in an image that is no stage of the file.
  mutating func start(_ from: From, base: (Word?) -> Value) {
    if let name { atEnd[name] = current }
    name = from.name?.string.lowercased()
    let parent = from.image?.string.lowercased()
    current = parent.flatMap { atEnd[$0] } ?? base(from.image)
  }
}
