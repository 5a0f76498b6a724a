import FileTree
import OCIModel
import SourceText
import TestSupport
import Testing

@testable import ImageBuild

/// `SOURCE_DATE_EPOCH`: seconds, the context, a named context, or a stage, in a build argument or an ARG.
@Suite("SOURCE_DATE_EPOCH")
struct EpochTests {
  /// What became of a request.
  private struct Settled: Equatable {
    var seconds: Int64?
    /// The value of `$SOURCE_DATE_EPOCH` in a stage that declares it.
    var variable: String?
    var timeless: String?
  }

  private let present = Timestamp(seconds: 1_900_000_000)

  private func settle(
    _ text: String, _ argument: String? = nil, context: ContextTime = .unknown, named: [NamedContext] = [],
    in shop: Workshop? = nil
  ) throws -> Settled {
    guard let shop else {
      return try Workshop.open { try settle(text, argument, context: context, named: named, in: $0) }
    }
    let declaring = text + "\nFROM scratch\nARG SOURCE_DATE_EPOCH\nLABEL epoch=\"$SOURCE_DATE_EPOCH\"\n"
    var request = BuildRequest(
      dockerfile: Source(name: "Dockerfile", text: declaring), context: BytePath(shop.folder + "/context"),
      created: present)
    request.namedContexts = named
    if let argument {
      request.arguments = [BuildRequest.Argument(name: BuildRequest.epochName, value: Array(argument.utf8))]
    }
    let timeless = try request.settleEpoch(context: context, store: shop.store, cancellation: nil)
    let isFixed = request.created != present
    #expect(request.clampsTimes == isFixed)
    let label = try BuildPlan.make(request, images: StubImages()).image.config.labels["epoch"]
    return Settled(
      seconds: isFixed ? request.created.seconds : nil, variable: label == "" ? nil : label,
      timeless: timeless)
  }

  private func problem(_ text: String, _ argument: String? = nil) throws -> (EpochProblem, String)? {
    do {
      _ = try settle(text, argument)
      return nil
    } catch BuildError.invalid(let problems) {
      let problem = try #require(problems.first)
      guard case .epoch(let kind) = problem.kind else { throw Unexpected(what: "\(problem.kind)") }
      return (kind, Source(name: "Dockerfile", text: text).text(in: problem.range))
    }
  }

  private func expect(
    _ text: String, _ argument: String? = nil, _ kind: EpochProblem, at place: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try problem(text, argument)
    #expect(found?.0 == kind && found?.1 == place, sourceLocation: sourceLocation)
  }

  @Test("Seconds: a build argument counts before an ARG above the first FROM, and an empty one takes it away")
  func seconds() throws {
    let file = "ARG SOURCE_DATE_EPOCH=1445412480"
    #expect(try settle("") == Settled())
    #expect(try settle("", "7") == Settled(seconds: 7, variable: "7"))
    #expect(try settle(file) == Settled(seconds: 1_445_412_480, variable: "1445412480"))
    #expect(try settle(file, "1700000002") == Settled(seconds: 1_700_000_002, variable: "1700000002"))
    #expect(try settle(file, "") == Settled())
    #expect(try settle("ARG A=12\nARG SOURCE_DATE_EPOCH=${A}34") == Settled(seconds: 1234, variable: "1234"))
    // In a stage it is a variable like any other.
    #expect(try settle("FROM scratch\nARG SOURCE_DATE_EPOCH=5") == Settled())
  }

  @Test("The context: a commit, the word of a server, the latest file of an archive; a folder has no time")
  func context() throws {
    #expect(try settle("", "context", context: .known(42)) == Settled(seconds: 42, variable: "42"))
    #expect(
      try settle("ARG SOURCE_DATE_EPOCH=context", context: .known(42)) == Settled(seconds: 42, variable: "42")
    )
    #expect(try settle("", "context") == Settled(timeless: "context"))
    #expect(try settle("ARG SOURCE_DATE_EPOCH=context") == Settled(timeless: "context"))
    try Workshop.open { shop in
      let folder = BytePath(shop.folder + "/context")
      for (name, time) in [("a", 100), ("d/b", 300), ("d/c", 200)] as [(String, Int64)] {
        try shop.write(name)
        try Directory(opening: folder).setModified(BytePath(name), Timestamp(seconds: time, nanoseconds: 9))
      }
      let settled = try settle("", "context", context: .latestFile(folder), in: shop)
      #expect(settled == Settled(seconds: 300, variable: "300"))
    }
  }

  @Test("A named context counts before a stage of that name, without regard to case")
  func namedContext() throws {
    let stage = "FROM scratch AS here\nCOPY a /"
    let named = [NamedContext(name: "here", kind: .image("x"), time: .known(42))]
    #expect(try settle(stage, "HERE", named: named) == Settled(seconds: 42, variable: "42"))
    let timeless = [NamedContext(name: "here", kind: .image("x"))]
    #expect(try settle(stage, "here", named: timeless) == Settled(timeless: "here"))
  }

  @Test("What names nothing, and stages that are more than one thing from elsewhere")
  func problems() throws {
    #expect(throws: BuildError.epoch("soon")) { try settle("", "soon") }
    #expect(throws: BuildError.epoch("-1")) { try settle("", "-1") }
    #expect(throws: BuildError.epoch("253402300800")) { try settle("", "253402300800") }
    try expect("ARG SOURCE_DATE_EPOCH=soon", nil, .value("soon"), at: "soon")
    let stage = "FROM scratch AS s\nARG V=1\n"
    try expect("FROM x AS s\nADD http://h/f /", "s", .base, at: "x")
    try expect(stage + "ADD http://h/f /\nCOPY f /", "s", .instruction, at: "COPY f /")
    try expect(stage, "S", .noAddition, at: "FROM scratch AS s")
    try expect(stage + "ADD http://h/f /\nADD http://h/g /", "s", .severalAdditions, at: "ADD http://h/g /")
    try expect(
      stage + "ADD http://h/f http://h/g /x/", "s", .severalAdditions, at: "ADD http://h/f http://h/g /x/")
    try expect(stage + "ADD f /", "s", .localAddition, at: "ADD f /")
  }

  @Test("A stage: the server's word on the file, or the latest file in an archive", .enabled(if: hasPython))
  func stages() throws {
    try Workshop.open { shop in
      let server = try WebServer(shop.folder)
      try server.write("f", "text")
      try server.write("t/old", "", modified: 1_000)
      try server.write("t/new", "", modified: 2_000)
      let tar = try Processes.run(
        "tar", ["-C", server.folder + "/t", "-czf", server.folder + "/t.tgz", "old", "new"])
      #expect(tar.status == 0)
      func settled(_ path: String) throws -> Settled {
        let start = "ARG SOURCE_DATE_EPOCH=S\nFROM scratch AS s\nARG HOST=\(server.url)\n"
        return try settle(start + "ADD $HOST/\(path) /", in: shop)
      }
      #expect(try settled("f") == Settled(seconds: 1_600_000_000, variable: "1600000000"))
      #expect(try settled("timeless/t.tgz") == Settled(seconds: 2_000, variable: "2000"))
      #expect(try settled("timeless/f") == Settled(timeless: "S"))
    }
  }

  private static let hasPython = Processes.find("python3") != nil
}
