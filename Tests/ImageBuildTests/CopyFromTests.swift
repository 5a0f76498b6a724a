import DockerfileSyntax
import FileTree
import ImageStore
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// COPY --from, by the numbers of the semantics that Slipway follows.
@Suite("COPY --from")
struct CopyFromTests {
  @Test("C110 a name of a stage in any case, its number, or else the name of an image")
  func names() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      let base = try shop.build("FROM scratch\nCOPY f /in-the-image\n")
      try shop.store.add(base.result.descriptor, names: [ImageReference(parsing: "other")])
      let image = try shop.build(
        """
        FROM scratch AS Bug
        COPY f /f
        FROM scratch
        COPY --from=bUG /f /by-name
        COPY --from=0 /f /by-number
        COPY --from=other /in-the-image /by-image
        """)
      #expect(image.paths == ["by-image", "by-name", "by-number"])
    }
  }

  @Test("C110 what is itself, further down, or nowhere is an error")
  func noSource() throws {
    func found(_ text: String) throws -> [BuildProblem.Kind] { try problems(text) }
    #expect(try found("FROM scratch AS a\nCOPY --from=0 /f /x\n") == [.circularStage("0")])
    #expect(try found("FROM scratch AS a\nCOPY --from=A /f /x\n") == [.circularStage("A")])
    #expect(try found("FROM scratch AS a\nCOPY --from=1 /f /x\nFROM a\n") == [.laterStage("1")])
    #expect(
      try found("FROM scratch AS a\nCOPY --from=2 /f /x\n") == [.unknownStageNumber(2, count: 1)])
    #expect(try found("FROM scratch\nCOPY --from=nowhere /f /x\n") == [.base("nowhere", .notFound)])
  }

  @Test("C111 variables are not replaced: one is an error", arguments: ["$S", "${S}", "a$S-b"])
  func variables(name: String) throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      let problem = try shop.failure(
        "FROM scratch AS a\nCOPY f /f\nFROM scratch\nARG S=a\nCOPY --from=\(name) /f /x\n")
      #expect(problem.kind == .syntax(.variableInFrom(flag: "from")))
      #expect(problem.instruction == 4)
    }
  }

  @Test("C114 what a stage has put into a folder that it calls a volume is there")
  func volumes() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      let image = try shop.build(
        "FROM scratch AS a\nVOLUME /v\nCOPY f /v/f\nFROM scratch\nCOPY --from=a /v /x\n")
      #expect(image.text("x/f") == "f")
    }
  }

  @Test(
    "C114 also what a command has put there",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func volumesOfCommands() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      let image = try shop.build(
        "FROM busybox AS a\nVOLUME /v\nRUN mkdir /v && echo made > /v/f\nFROM scratch\nCOPY --from=a /v /x\n")
      #expect(image.text("x/f") == "made\n")
    }
  }

  @Test("C115 .dockerignore is about the context alone")
  func ignored() throws {
    try Workshop.open { shop in
      try shop.write("f", "of the context")
      try shop.write(".dockerignore", "f\nd\n")
      let stage = "FROM scratch AS a\nCOPY <<f <<g /d/\nof the stage\nf\ng\n"
      let image = try shop.build(stage + "FROM scratch\nCOPY --from=a /d/f /f\nCOPY --from=a / /all/\n")
      #expect(image.paths == ["all", "all/d", "all/d/f", "all/d/g", "f"])
      #expect(image.text("f") == "of the stage\n")
      #expect(
        try shop.failure("FROM scratch\nCOPY f /\n").kind == .sourceNotFound("f", isIgnored: true))
    }
  }

  @Test("C116 COPY takes no URL, and ADD no --from")
  func commands() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      for url in ["http://127.0.0.1:1/f", "https://127.0.0.1:1/f", "git@host.example:a/b.git"] {
        #expect(try shop.failure("FROM scratch\nCOPY \(url) /x\n").kind == .remoteSourceInCopy(url))
      }
      let problem = try shop.failure("FROM scratch AS a\nCOPY f /f\nFROM scratch\nADD --from=a /f /x\n")
      guard case .syntax(.unknownFlag(name: "from", _, _)) = problem.kind else {
        Issue.record("\(problem.kind)")
        return
      }
      #expect(problem.instruction == 3)
    }
  }
}
