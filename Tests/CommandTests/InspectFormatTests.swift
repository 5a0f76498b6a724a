import TestSupport
import Testing

/// `slipway inspect --format` with what people write for docker.
@Suite("Formats of inspect", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct InspectFormatTests {
  private typealias Inspect = (String) throws -> ProcessResult

  private func withImage(_ body: (_ digest: String, Inspect) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(
        Array(
          "FROM scratch\nLABEL a.b=c kind=\"of two\"\nENV X=1\nCOPY Dockerfile /\nCMD [\"/f\", \"-x\"]\n".utf8
        ),
        to: folder + "/c/Dockerfile")
      let environment: [String: String?] = [
        "SLIPWAY_ROOT": "\(folder)/store", "SOURCE_DATE_EPOCH": "1700000000",
      ]
      let built = try Processes.run(
        program, ["build", "-q", "-t", "app:1", "-t", "team/app:2", "c"], environment: environment,
        folder: folder)
      #expect(built.status == 0, "\(built.errorText)")
      try body(String(built.outputText.prefix { $0 != "\n" })) { format in
        try Processes.run(
          program, ["inspect", "-f", format, "app:1"], environment: environment, folder: folder)
      }
    }
  }

  @Test("Members, json, index, len, join, range and println give what docker gives")
  func values() throws {
    try withImage { digest, inspect in
      for (format, expected) in [
        ("{{.Id}}", digest), ("{{ .Id }}", digest), ("id={{.Id}}\\t{{.Os}}", "id=\(digest)\tlinux"),
        ("{{.Config.Cmd}}", "[/f -x]"), ("{{json .Config.Cmd}}", #"["/f","-x"]"#),
        ("{{.Config.Cmd | json}}", #"["/f","-x"]"#), ("{{.Config.Labels}}", "map[a.b:c kind:of two]"),
        ("{{index .Config.Labels \"a.b\"}}", "c"), ("{{index .Config.Labels `none`}}", ""),
        ("{{index .RepoTags 1}}", "team/app:2"), ("{{join .RepoTags \", \"}}", "app:1, team/app:2"),
        ("{{len .RootFS.Layers}}", "1"), ("{{.Config.Entrypoint}}", "[]"), ("{{.Config.User}}", ""),
        ("{{json .Config.Entrypoint}}", "null"), ("{{len .Config.Volumes}}", "0"),
        ("{{join .Config.OnBuild `,`}}", ""),
        ("{{range .RepoTags}}<{{.}}>{{end}}", "<app:1><team/app:2>"),
        ("{{range .RepoTags -}}  {{println .}}{{- end}}", "app:1\nteam/app:2\n"),
        ("{{.Config.Volumes}}", "map[]"), ("{{.Created}}", "2023-11-14T22:13:20Z"),
      ] {
        let result = try inspect(format)
        #expect(result.status == 0, "\(format): \(result.errorText)")
        #expect(result.outputText == expected + "\n", "\(format)")
      }
      let whole = try inspect("{{json .}}").outputText
      #expect(try JSONDocument(whole)["Id"].text == digest && whole.split(separator: "\n").count == 1)
    }
  }

  @Test("What is not understood, or not there, is said, with what there is")
  func refusals() throws {
    try withImage { _, inspect in
      for (format, text) in [
        ("{{.Id", "`{{` is never closed"), ("{{}}", "there is nothing in `{{}}`"),
        ("{{.ID}}", "there is no .ID; there are .Id, .RepoTags"),
        ("{{.Config.Nothing}}", "there is no .Nothing; there are .Env"),
        ("{{.Id.More}}", "there is no .More in a string"),
        ("{{with .Id}}{{.}}{{end}}", "`with` in `{{with .Id}}` is not known"),
        ("{{range .RepoTags}}", "`{{range}}` has no `{{end}}`"), ("{{end}}", "`{{end}}` ends nothing"),
        ("{{index .RepoTags 9}}", "there is no element 9: the list has 2"),
        ("{{json}}", "`json` has 0 arguments"),
        ("{{index .Config.Labels \"a}}", "has no end"),
        ("yaml", "write json, config, manifest, or a text such as '{{.Id}}'"),
        ("{{(len .RepoTags)}}", "is not known"), ("{{range .Id}}{{end}}", "range is for lists"),
        ("{{.Id .Os}}", "only functions have arguments"), ("{{len .Id |}}", "there is nothing in"),
      ] {
        let result = try inspect(format)
        #expect(result.status == 2 && result.errorText.contains(text), "\(format): \(result.errorText)")
        #expect(result.outputText == "")
      }
    }
  }
}
