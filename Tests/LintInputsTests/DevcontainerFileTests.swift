import SourceText
import TestSupport
import Testing

@testable import LintInputs

@Suite("Dockerfiles of devcontainer.json")
struct DevcontainerFileTests {
  @Test(
    "build.dockerfile, dockerFile and compose files",
    arguments: [
      ("{\"build\": {\"dockerfile\": \"Dockerfile\"}}", ["d/Dockerfile"]),
      ("{\"dockerFile\":\"../Dockerfile\",}", ["d/../Dockerfile"]),
      (
        "// what\n{\n\t/* build */ \"build\": { // x\n\t\t\"dockerfile\": \"a//b\", /* \" */\n\t},\n}\n",
        ["d/a/b"]
      ),
      ("{\"name\": \"\\ud83d\\ude00 // no comment\", \"dockerFile\": \"x\"}", ["d/x"]),
      ("{\"dockerComposeFile\": [\"compose.yml\", \"../b.yml\"]}", ["d/compose.yml", "d/../b.yml"]),
      ("{\"image\": \"x\"}", []), ("{\"build\": {\"dockerfile\": \"${localEnv:X}\"}}", []), ("[]", []),
      ("", []),
    ])
  func reads(text: String, expected: [String]) {
    let found = DevcontainerFile.read(Source(name: "x", text: text), folder: InputPath("d"))
    #expect(found.references.map(\.path.displayName) == expected)
    #expect(found.problems.isEmpty, "\(found.problems)")
  }

  @Test("blanking comments moves no byte")
  func blanking() {
    let text = "{ // é \"\r\n \"a//b\": \"\\\"/*\", /* x\n y */ \"c\": 1 /* open"
    let blanked = JSONComments.blanked(Array(text.utf8))
    #expect(blanked.count == text.utf8.count)
    #expect(
      String(decoding: blanked, as: UTF8.self)
        == "{        \r\n \"a//b\": \"\\\"/*\",     \n      \"c\": 1        ")
  }

  @Test("in a run: found in a folder, and a missing Dockerfile has its place")
  func run() throws {
    try withFiles([
      ".devcontainer/devcontainer.json":
        "{\n  // the image\n  \"build\": {\"dockerfile\": \"../docker/Dev\"}\n}\n",
      "docker/Dev": "FROM a\n", "sub/.devcontainer/python/devcontainer.json": "{\"dockerFile\": \"gone\"}",
      "sub/.devcontainer.json": "{\"dockerFile\": \"y\"}", "sub/y": "",
      "elsewhere/devcontainer.json": "{\"dockerFile\": \"../sub/y\"}",
    ]) { folder in
      let found = Found([""], in: folder)
      #expect(found.names == ["docker/Dev", "sub/y"])
      #expect(found.problems == ["sub/.devcontainer/python/devcontainer.json"])
      #expect(found.list.problems.map(\.position) == [Position(line: 1, column: 16)])
      #expect(found.list.problems.map(\.level) == [.warning])
      let named = Found(
        ["sub/.devcontainer/python/devcontainer.json", "elsewhere/devcontainer.json"], in: folder)
      #expect(named.list.problems.map(\.level) == [.error])
      #expect(named.names == ["sub/y"])
    }
  }
}
