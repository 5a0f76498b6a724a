import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// VOLUME and the other instructions that change nothing but the configuration.
@Suite("Metadata instructions", .serialized)
struct MetadataInstructionTests {
  /// The configuration as it is stored.
  private func config(_ text: String, images: [String: ImageConfig] = [:]) throws -> String {
    String(decoding: try plan(text, images: images).image.encoded(), as: UTF8.self)
  }

  @Test("M01: VOLUME is a key of the configuration and makes no folder; what is copied there later stays")
  func volume() throws {
    try Workshop.open { shop in
      try shop.write("f", "copied")
      let image = try shop.build(
        "FROM scratch\nVOLUME /v /data\nCOPY f /v/f\nVOLUME [\"/more\", \"/v\"]\nCOPY f /v/g\n")
      #expect(image.paths == ["v", "v/f", "v/g"])
      let text = String(decoding: image.result.image.encoded(), as: UTF8.self)
      #expect(text.contains(#""Volumes":{"/data":{},"/more":{},"/v":{}}"#))
    }
  }

  @Test(
    "M01: what RUN changes in a volume stays, in the stage and in those that build on it",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func volumeAndRun() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      let image = try shop.build(
        """
        FROM busybox AS a
        RUN mkdir /v && echo 1 > /v/a
        VOLUME /v /none
        RUN echo 2 > /v/b && rm /v/a && test ! -e /none
        FROM a
        RUN cat /v/b && echo 3 >> /v/b
        """)
      #expect(image.output == "2\n")
      #expect(image.text("v/b") == "2\n3\n")
      #expect(image.files["v/a"] == nil && image.files["none"] == nil)
      #expect(image.result.image.config.volumes == ["/none", "/v"])
    }
  }

  @Test(
    "M02: the shell form is the shell's words and the text; ArgsEscaped comes with CMD, as BuildKit writes it"
  )
  func commands() throws {
    let shell = try config("FROM scratch\nCMD echo  a $b\n")
    #expect(shell.contains(#""Cmd":["/bin/sh","-c","echo  a $b"]"#) && shell.contains(#""ArgsEscaped":true"#))
    let list = try config("FROM scratch\nCMD [\"a\", \"b c\"]\n")
    #expect(list.contains(#""Cmd":["a","b c"]"#) && list.contains(#""ArgsEscaped":true"#))
    let other = try config("FROM scratch\nSHELL [\"/b\", \"-e\"]\nENTRYPOINT x y\nCMD z\n")
    #expect(other.contains(#""Entrypoint":["/b","-e","x y"],"Cmd":["/b","-e","z"]"#))
    let entrypoint = try config("FROM scratch\nENTRYPOINT x y\n")
    #expect(entrypoint.contains(#""Entrypoint":["/bin/sh","-c","x y"]"#))
    #expect(!entrypoint.contains("ArgsEscaped"))
  }

  @Test("M04: an empty list takes away what was inherited; of several CMD or ENTRYPOINT the last one counts")
  func reset() throws {
    let images = [
      "b": base {
        $0.command = ["x"]
        $0.entrypoint = ["e"]
      }
    ]
    let command = try plan("FROM b\nCMD []\n", images: images).image.config
    #expect(command.command == [] && command.entrypoint == ["e"])
    let both = try plan("FROM b AS a\nCMD []\nENTRYPOINT []\nFROM a\nLABEL l=1\n", images: images).image
      .config
    #expect(both.command ?? [] == [] && both.entrypoint ?? [] == [])
    let image = try plan("FROM b\nCMD []\nENTRYPOINT []\n", images: images).image
    let text = String(decoding: image.encoded(), as: UTF8.self)
    #expect(!text.contains("Cmd") && !text.contains("Entrypoint"), "as with BuildKit: \(text)")
    let entrypoint = try plan("FROM b\nENTRYPOINT []\n", images: images).image.config
    #expect(entrypoint.entrypoint == [] && entrypoint.command == nil)
    let last = try plan(
      "FROM b\nCMD [\"1\"]\nENTRYPOINT [\"2\"]\nCMD [\"3\"]\nENTRYPOINT [\"4\"]\n", images: images)
    #expect(try last.image.config.command == ["3"] && last.image.config.entrypoint == ["4"])
  }

  @Test("M06: USER is kept as it reads once its variables are replaced")
  func user() throws {
    let users = [
      ("USER app", "app"), ("USER 007:08", "007:08"), ("USER ${u}:Staff", "App:Staff"), ("USER :5", ":5"),
      ("USER nobody-here", "nobody-here"), ("USER a\nUSER $u", "App"),
    ]
    for (line, user) in users {
      #expect(try plan("FROM scratch\nARG u=App\n\(line)\n").image.config.user == user, "\(line)")
    }
  }

  @Test("M06: labels are added to the base's, and a later one of a name counts; MAINTAINER is the author")
  func labels() throws {
    let images = ["b": base { $0.labels = ["a": "1", "k": "v"] }]
    let text = "FROM b\nMAINTAINER one\nLABEL a=2 b=3\nLABEL b=4 \"c d\"=5\nMAINTAINER two three\n"
    let image = try plan(text, images: images).image
    #expect(image.config.labels == ["a": "2", "b": "4", "c d": "5", "k": "v"])
    #expect(image.author == "two three")
    #expect(try config(text, images: images).contains(#""author":"two three""#))
  }

  @Test("M08: ports are added to the base's, as number and protocol")
  func ports() throws {
    let images = ["b": base { $0.exposedPorts = ["80/tcp", "9/udp"] }]
    let text = "FROM b\nEXPOSE 53/UDP 8080\nEXPOSE 80 8080-8081/tcp\n"
    #expect(
      try config(text, images: images).contains(
        #""ExposedPorts":{"53/udp":{},"80/tcp":{},"8080/tcp":{},"8081/tcp":{},"9/udp":{}}"#))
  }
}
