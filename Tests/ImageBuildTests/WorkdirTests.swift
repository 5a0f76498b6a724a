import FileTree
import Layers
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// Where WORKDIR leads, beyond what its text says.
@Suite("WORKDIR")
struct WorkdirTests {
  @Test("W06: the folder is made where links of the image lead, and the configuration keeps what was written")
  func throughLinks() throws {
    try Workshop.open { shop in
      try shop.write("r/t/kept")
      try shop.write("f", "f")
      try shop.link("r/relative", to: "t")
      try shop.link("r/absolute", to: "/far/away")
      try shop.link("r/out", to: "../../../elsewhere")
      let image = try shop.build(
        """
        FROM scratch
        COPY r /
        WORKDIR /relative/x
        WORKDIR y
        COPY f .
        WORKDIR /absolute
        COPY f g
        WORKDIR /out/z
        """)
      #expect(image.result.image.config.workingDirectory == "/out/z")
      let lines = image.result.image.history.compactMap(\.createdBy).filter { $0.hasPrefix("WORKDIR") }
      #expect(
        lines == ["WORKDIR /relative/x", "WORKDIR /relative/x/y", "WORKDIR /absolute", "WORKDIR /out/z"])
      #expect(image.files["relative"]?.kind == .symbolicLink(target: "t"))
      #expect(image.files["absolute"]?.kind == .symbolicLink(target: "/far/away"))
      #expect(image.files["t/x"]?.kind == .directory && image.text("t/x/y/f") == "f")
      #expect(image.text("far/away/g") == "f")
      #expect(image.files["elsewhere/z"]?.kind == .directory)
    }
  }

  @Test("W07: a file on the way is an error at the WORKDIR", arguments: ["/f", "/f/x", "/f/x/y", "/l/x"])
  func file(path: String) throws {
    try Workshop.open { shop in
      try shop.write("r/f", "f")
      try shop.link("r/l", to: "f")
      let problem = try shop.failure("FROM scratch\nCOPY r /\nWORKDIR \(path)\n")
      #expect(problem.kind == .destinationNotFolder(BytePath(path)))
      #expect(problem.instruction == 2)
    }
  }

  /// How a path of Windows is written, and the folder that it is.
  static let drives: [(String, BytePath)] = [
    ("FROM scratch\nWORKDIR C:\\app\n", "/C:app"),
    ("# escape=`\nFROM scratch\nWORKDIR C:\\app\n", "/C:\\app"),
    ("FROM scratch\nWORKDIR /w\nWORKDIR c:/app\n", "/w/c:/app"),
    ("FROM scratch\nENV d=D:/x\nWORKDIR $d\n", "/D:/x"),
  ]

  @Test(
    "W08: in an image of Linux a path of Windows is a relative name, and a warning says so",
    arguments: drives.indices)
  func drive(index: Int) throws {
    let (text, folder) = Self.drives[index]
    let linux = try Platform(parsing: "linux/amd64")
    try Workshop.open { shop in
      let image = try shop.build(text) { $0.platform = linux }
      #expect(image.result.image.config.workingDirectory == folder.description)
      #expect(image.files[String(folder.description.dropFirst())]?.kind == .directory)
      guard case .drivePath(_, folder, linux)? = image.warnings.first, image.warnings.count == 1 else {
        Issue.record("\(image.warnings)")
        return
      }
    }
  }

  @Test("W08: a name with a colon is none of Windows, and an image of Windows has drives")
  func noDrive() throws {
    for folder in ["/a:b", "a:b", "1:/x", "ab:/x"] {
      #expect(try plan("FROM scratch\nWORKDIR \(folder)\n").warnings.isEmpty, "\(folder)")
    }
    let windows = try Platform(parsing: "windows/amd64")
    #expect(try plan("FROM scratch\nWORKDIR c:/app\n") { $0.platform = windows }.warnings.isEmpty)
  }

  @Test("W09: an image FROM scratch has the working directory / without any WORKDIR")
  func scratch() throws {
    try Workshop.open { shop in
      try shop.write("f")
      for text in ["FROM scratch\nCOPY f /f\n", "FROM scratch AS a\nFROM a\nLABEL l=1\n"] {
        let image = try shop.build(text).result.image
        #expect(String(decoding: image.encoded(), as: UTF8.self).contains(#""WorkingDir":"/""#))
      }
    }
  }

  @Test("W10: variables are ENV's and ARG's; HOME is not looked up in /etc/passwd")
  func variables() throws {
    try Workshop.open { (shop) throws in
      let users = "COPY <<E /etc/passwd\nroot:x:0:0:root:/root:/bin/sh\napp:x:5:5::/home/app:/bin/sh\nE\n"
      func folder(_ text: String) throws -> String? {
        try shop.build("FROM scratch\n\(users)\(text)\n").result.image.config.workingDirectory
      }
      #expect(try folder("WORKDIR $HOME/x") == "/x")
      #expect(try folder("USER app\nWORKDIR ${HOME}/x") == "/x")
      #expect(try folder("ENV HOME=/h\nWORKDIR $HOME/x") == "/h/x")
      #expect(try folder("ARG HOME=/a\nWORKDIR ${HOME:-/none}/x") == "/a/x")
      #expect(try folder("WORKDIR ${HOME:-/none}/x") == "/none/x")
    }
  }
}
