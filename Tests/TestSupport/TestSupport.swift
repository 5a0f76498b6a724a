/// Helpers shared by the test targets: fixtures and golden files, files without Foundation, a seeded random
/// generator, and processes.
package enum TestSupport {
  /// The package's folder, from where this file stands.
  package static let packageRoot: String = {
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return components.joined(separator: "/")
  }()

  /// The path of a file or folder below `Fixtures`.
  package static func fixture(_ path: String) -> String { packageRoot + "/Fixtures/" + path }
}
