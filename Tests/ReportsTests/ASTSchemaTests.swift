import Reports
import TestSupport
import Testing

/// Every fixture's JSON against docs/ast.schema.json, by Python's jsonschema (Debian: python3-jsonschema).
@Suite("JSON Schema of the syntax tree")
struct ASTSchemaTests {
  static let canValidate: Bool = {
    guard Processes.find("python3") != nil else { return false }
    return (try? Processes.run("python3", ["-c", "import jsonschema; jsonschema.Draft202012Validator"]))?
      .status == 0
  }()

  private static let script = """
    import json, sys
    import jsonschema
    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for path in sys.argv[2:]:
        for error in validator.iter_errors(json.load(open(path, encoding="utf-8"))):
            place = "/".join(str(part) for part in error.absolute_path)
            print(f"{path}: {place}: {error.message[:200]}")
            failed = 1
    sys.exit(failed)
    """

  private func validate(_ paths: [String]) throws -> ProcessResult {
    try Processes.run(
      "python3", ["-c", Self.script, TestSupport.packageRoot + "/docs/ast.schema.json"] + paths)
  }

  @Test(
    "every fixture is valid, with and without tokens",
    .enabled(if: canValidate, "needs python3 with jsonschema 4 (Debian: python3-jsonschema)"))
  func fixtures() throws {
    try Files.withTemporaryFolder { folder in
      var paths: [String] = []
      for (number, path) in ASTDumpTests.fixtures.enumerated() {
        let file = try ASTDumpTests.file(path)
        for tokens in [false, true] {
          let output = "\(folder)/\(number)-\(tokens).json"
          try Files.write(ASTDump.json(file, .init(includesTokens: tokens)), to: output)
          paths.append(output)
        }
      }
      #expect(paths.count > 80)
      let result = try validate(paths)
      #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
    }
  }

  @Test(
    "the schema refuses what is not in it",
    .enabled(if: canValidate, "needs python3 with jsonschema 4 (Debian: python3-jsonschema)"))
  func refuses() throws {
    try Files.withTemporaryFolder { folder in
      let valid = String(
        decoding: ASTDump.json(
          try ASTDumpTests.file(TestSupport.fixture("dockerfiles/valid/stages.Dockerfile"))),
        as: UTF8.self)
      let changes = [
        ("\"schemaVersion\": 1", "\"schemaVersion\": 2"), ("\"kind\": \"from\"", "\"kind\": \"form\""),
        ("\"escape\"", "\"escpae\""), ("\"line\": 1", "\"line\": 0"), ("\"flags\": [", "\"flags\": [1,"),
      ]
      for (number, change) in changes.enumerated() {
        let parts = valid.split(separator: change.0, maxSplits: 1, omittingEmptySubsequences: false)
        #expect(parts.count == 2, "\(change.0) is not in the dump")
        let path = "\(folder)/\(number).json"
        try Files.write(Array(parts.joined(separator: change.1).utf8), to: path)
        #expect(try validate([path]).status == 1, "\(change.1) passes")
      }
    }
  }
}
