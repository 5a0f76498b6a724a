import DockerfileSyntax

/// How the stages of a file hang together: what each starts from, and what it takes from others.
struct StageGraph {
  /// Why one depends on another.
  enum Reason: Int, Comparable {
    /// FROM
    case base
    /// `COPY --from`
    case copy
    /// `RUN --mount=…,from=`
    case mount

    static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
  }

  /// A stage by its number, or an image from elsewhere by its place in ``images``.
  enum Node: Hashable {
    case stage(Int)
    case image(Int)
  }

  struct Edge: Hashable {
    let source: Node
    let stage: Int
    let reason: Reason
  }

  /// The stages' names; the number for one without.
  let stages: [String]
  /// The images that no stage makes, in the order in which they are named.
  private(set) var images: [String] = []
  /// Each dependency once, in the order of the file.
  private(set) var edges: [Edge] = []

  private var imageNumbers: [[UInt8]: Int] = [:]
  private var known: Set<Edge> = []

  init(_ file: Dockerfile) {
    stages = file.stages.map { $0.from.name?.string ?? "stage \($0.number)" }
    var all: [String: Int] = [:]
    for stage in file.stages { if let name = stage.name { all[name] = stage.number } }
    var earlier: [String: Int] = [:]
    for stage in file.stages {
      if let image = stage.from.image {
        // FROM sees the stages above only, COPY and RUN all names, and numbers too.
        let source = earlier[image.string.lowercased()].map(Node.stage) ?? node(ofImage: image.bytes)
        add(Edge(source: source, stage: stage.number, reason: .base))
      }
      for index in stage.body {
        addSources(of: file.instructions[index], stage.number, all, count: file.stages.count)
      }
      if let name = stage.name { earlier[name] = stage.number }
    }
  }

  private mutating func addSources(
    of instruction: Instruction, _ stage: Int, _ names: [String: Int], count: Int
  ) {
    func source(_ text: [UInt8]) -> Node {
      let name = String(decoding: text, as: UTF8.self)
      if let number = names[name.lowercased()] { return .stage(number) }
      if let number = Int(name), number >= 0, number < count { return .stage(number) }
      return node(ofImage: text)
    }
    switch instruction.details {
    case .copy:
      guard let from = instruction.flag("from")?.value else { return }
      add(Edge(source: source(from.bytes), stage: stage, reason: .copy))
    case .run(let run):
      for mount in run.mounts {
        guard let from = mount.value("from") else { continue }
        add(Edge(source: source(from), stage: stage, reason: .mount))
      }
    default: return
    }
  }

  private mutating func node(ofImage name: [UInt8]) -> Node {
    if let number = imageNumbers[name] { return .image(number) }
    imageNumbers[name] = images.count
    images.append(name.shown(in: 100, escapesQuotes: false))
    return .image(images.count - 1)
  }

  private mutating func add(_ edge: Edge) {
    if known.insert(edge).inserted { edges.append(edge) }
  }
}
