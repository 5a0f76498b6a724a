import ConfigText
import Diagnostics
import DockerfileLint
import LintConfiguration
import Reports
import SourceText
import TestSupport
import Testing

/// docs/slipway.schema.json and docs/configuration.md say what the reader does.
@Suite("Schema and reference of the configuration")
struct SchemaTests {
  private static let schemaPath = TestSupport.packageRoot + "/docs/slipway.schema.json"

  private func schema() throws -> ConfigValue {
    let file = ConfigText(parsing: Source(name: "schema", bytes: try Files.read(Self.schemaPath)))
    #expect(file.problems.isEmpty)
    return try #require(file.root)
  }

  private func names(_ value: ConfigValue?) throws -> Set<String> {
    Set(try #require(value?.map).map(\.name))
  }

  private func words(_ value: ConfigValue?) throws -> [String] {
    try #require(value?["enum"]?.list).compactMap(\.string)
  }

  @Test("the schema has the reader's keys and words, no more and no less")
  func keys() throws {
    let schema = try schema()
    #expect(try names(schema["properties"]) == Set(ConfigurationKey.allCases.map(\.rawValue)))
    let definitions = try #require(schema["$defs"])
    #expect(
      try names(definitions["pathOverride"]?["properties"])
        == Set(ConfigurationKey.allCases.filter(\.isPerPath).map(\.rawValue) + ["paths"]))
    #expect(try words(definitions["format"]) == LintFormat.allCases.map(\.rawValue))
    #expect(try words(definitions["threshold"]) == FailureThreshold.allCases.map(\.rawValue))
    #expect(try words(definitions["severity"]) == Severity.allCases.reversed().map(\.name))
    #expect(try names(definitions["override"]?["properties"]) == Set(Severity.allCases.map(\.name)))
    #expect(
      try words(definitions["labelSchema"]?["additionalProperties"])
        == LintSettings.LabelType.allCases.map(\.rawValue) + [""])
    #expect(Set(try words(schema["properties"]?["ids"])) == Set(LintSettings.Names.allCases.map(\.rawValue)))
  }

  /// The examples of the reference, each with the kind of file that it is.
  private static func examples() throws -> [(kind: LintConfigurationFile.Kind, text: String)] {
    let page = String(
      decoding: try Files.read(TestSupport.packageRoot + "/docs/configuration.md"), as: UTF8.self)
    var result: [(LintConfigurationFile.Kind, String)] = []
    var open: (kind: LintConfigurationFile.Kind, text: String)?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let example = open { result.append(example) }
        open = line == "```yaml hadolint" ? (.hadolint, "") : line == "```yaml slipway" ? (.slipway, "") : nil
      } else {
        open?.text += line + "\n"
      }
    }
    return result
  }

  @Test("the examples of the reference are read without a problem, and show every key but baseline")
  func examplesAreRead() throws {
    let examples = try Self.examples()
    #expect(examples.count == 3)
    var seen: Set<String> = []
    for (kind, text) in examples {
      let file = LintConfigurationFile(
        path: "/project/.x.yaml", name: "example", bytes: Array(text.utf8), kind: kind)
      #expect(file.problemPlaces == [])
      let root = ConfigText(parsing: Source(name: "example", text: text)).root
      seen.formUnion(root?.map?.map(\.name) ?? [])
    }
    #expect(seen == Set(ConfigurationKey.allCases.map(\.rawValue)).subtracting(["baseline"]))
  }

  /// Texts that the schema must refuse; the reader has a problem with each.
  private static let bad = [
    "ignore: [DL3006]\n", "failure-threshold: fatal\n", "no-fail: yes\n", "override: {ignore: [DL3006]}\n",
    "label-schema: {a: Text}\n", "overrides: [{ignored: [DL3006]}]\n",
    "overrides: [{paths: a, format: json}]\n",
    "rules: {DL3006: fatal}\n", "exclude: ['!a']\n", "formats: [nope]\n", "- a\n",
  ]

  @Test(
    "check-jsonschema takes the examples and refuses what the reader refuses",
    .enabled(if: Processes.find("check-jsonschema") != nil, "check-jsonschema is not installed"))
  func validation() throws {
    try Files.withTemporaryFolder { folder in
      let metaschema = try Processes.run("check-jsonschema", ["--check-metaschema", Self.schemaPath])
      #expect(metaschema.status == 0, "\(metaschema.outputText)\(metaschema.errorText)")
      var good = try Self.examples().map(\.text)
      good += [
        "ignored: DL3006\noverride:\nformats: json\nlabel-schema: {a: , b: ''}\n",
        "overrides: {paths: a}\nids: buildkit\n",
      ]
      var paths: [String] = []
      for (index, text) in good.enumerated() {
        paths.append("\(folder)/good-\(index).yaml")
        try Files.write(Array(text.utf8), to: paths[index])
      }
      let result = try Processes.run("check-jsonschema", ["--schemafile", Self.schemaPath] + paths)
      #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
      for (index, text) in Self.bad.enumerated() {
        #expect(!LintConfigurationFile(text).problems.isEmpty, "\(text)")
        let path = "\(folder)/bad-\(index).yaml"
        try Files.write(Array(text.utf8), to: path)
        let result = try Processes.run("check-jsonschema", ["--schemafile", Self.schemaPath, path])
        #expect(result.status == 1, "\(text)")
      }
    }
  }
}
