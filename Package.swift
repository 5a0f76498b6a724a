// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
]

/// A release binary carries the C libraries inside it, so that it starts without loading
/// seventeen shared objects and the bytes of a layer do not depend on the host's libarchive.
/// Debug links the shared objects: without section garbage collection the archives would drag
/// in members that nothing calls.
func linked(_ libraries: String...) -> [LinkerSetting] {
  libraries.flatMap { library in
    [
      .linkedLibrary(library, .when(platforms: [.linux], configuration: .debug)),
      .linkedLibrary(":lib\(library).a", .when(platforms: [.linux], configuration: .release)),
    ]
  }
}

/// A Swift target with the settings that every target of this package shares.
func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], linker: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: linker)
}

/// A test target; every one may use the helpers of `TestSupport`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "slipway",
  products: [
    .executable(name: "slipway", targets: ["Command"]),
    .library(name: "DockerfileSyntax", targets: ["SourceText", "Diagnostics", "DockerfileSyntax"]),
    .library(
      name: "DockerfileKit",
      targets: [
        "SourceText", "Diagnostics", "DockerfileSyntax", "ShellSyntax", "DockerfileLint", "Reports",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Text half: standard library and Glibc only; ConfigText alone has a C library.
    module("SourceText"),
    module("Diagnostics", ["SourceText"]),
    module("JSONText"),
    module("DockerfileSyntax", ["SourceText", "Diagnostics"]),
    module("ShellSyntax", ["SourceText"]),
    module("DockerfileLint", ["SourceText", "Diagnostics", "DockerfileSyntax", "ShellSyntax"]),
    module(
      "Reports", ["SourceText", "Diagnostics", "JSONText", "DockerfileSyntax", "DockerfileLint"]),
    .systemLibrary(name: "CYAML"),
    module("ConfigText", ["SourceText", "Diagnostics", "CYAML"], linker: linked("yaml")),
    module(
      "LintConfiguration", ["SourceText", "Diagnostics", "ConfigText", "DockerfileLint", "Reports"]),
    module("LintInputs", ["SourceText", "Diagnostics", "ConfigText"]),

    // Image half: C libraries and the kernel.
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CJansson"),
    .systemLibrary(name: "CArchive"),
    .systemLibrary(name: "CDeflate"),
    .systemLibrary(name: "CZstd"),
    .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "CIsolation", cSettings: [.define("_GNU_SOURCE")]),
    module("ContentHash", ["CCrypto"], linker: linked("crypto")),
    module("OCIModel", ["JSONText", "ContentHash", "CJansson"], linker: linked("jansson")),
    module("FileTree", ["CLinux"]),
    module(
      "Layers",
      ["OCIModel", "FileTree", "ContentHash", "CArchive", "CDeflate", "CZstd", "CLinux"],
      linker: linked("archive", "z", "deflate", "zstd", "lzma", "bz2")),
    module(
      "ImageStore",
      ["OCIModel", "ContentHash", "CArchive"],
      linker: linked("archive", "z", "zstd", "lzma", "bz2")),
    module("Isolation", ["CIsolation", "FileTree"]),
    .target(name: "CCurlLoader", cSettings: [.define("_GNU_SOURCE")]),
    module("Download", ["CCurlLoader"]),
    module("Registry", ["CCurlLoader", "OCIModel", "ImageStore", "JSONText"]),
    module(
      "ImageBuild",
      [
        "SourceText", "DockerfileSyntax", "OCIModel", "FileTree", "Layers", "ImageStore",
        "Isolation", "Download", "Registry", "ContentHash",
      ]),

    .executableTarget(
      name: "Command",
      dependencies: [
        "SourceText", "Diagnostics", "JSONText", "DockerfileSyntax", "DockerfileLint", "Reports",
        "LintConfiguration", "LintInputs", "ContentHash", "OCIModel", "FileTree", "Layers", "ImageStore",
        "Isolation", "Download", "Registry", "ImageBuild", "CLinux", argumentParser,
      ],
      swiftSettings: settings),

    .executableTarget(
      name: "Benchmarks", dependencies: ["SourceText", "DockerfileSyntax"], path: "Benchmarks",
      exclude: [
        "README.md", "start-up.sh", "lint.sh", "dockerfiles.py", "run-steps.py", "pull.py",
        "notified-calls.py",
      ],
      swiftSettings: settings),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    tests("TextTests", ["SourceText", "Diagnostics", "JSONText"]),
    tests("DockerfileSyntaxTests", ["SourceText", "Diagnostics", "JSONText", "DockerfileSyntax"]),
    tests("ShellSyntaxTests", ["SourceText", "ShellSyntax"]),
    tests(
      "DockerfileLintTests",
      ["SourceText", "Diagnostics", "DockerfileSyntax", "ShellSyntax", "DockerfileLint"]),
    tests(
      "ReportsTests",
      ["SourceText", "Diagnostics", "JSONText", "DockerfileSyntax", "DockerfileLint", "Reports"]),
    tests("ConfigTextTests", ["SourceText", "Diagnostics", "ConfigText"]),
    tests(
      "LintConfigurationTests",
      ["SourceText", "Diagnostics", "ConfigText", "DockerfileLint", "Reports", "LintConfiguration"]),
    tests("LintInputsTests", ["SourceText", "Diagnostics", "LintInputs"]),
    tests("OCIModelTests", ["OCIModel", "ContentHash", "JSONText"]),
    .target(
      name: "TreeTestSupport", dependencies: ["FileTree", "Isolation"], path: "Tests/TreeTestSupport",
      swiftSettings: settings),
    tests("FileTreeTests", ["FileTree", "TreeTestSupport"]),
    tests("LayersTests", ["Layers", "FileTree", "OCIModel", "ContentHash", "TreeTestSupport"]),
    tests("ImageStoreTests", ["ImageStore", "OCIModel", "Layers", "FileTree", "ContentHash"]),
    tests("RegistryTests", ["Registry", "ImageStore", "OCIModel", "JSONText"]),
    tests("IsolationTests", ["Isolation", "FileTree"]),
    tests(
      "ImageBuildTests",
      [
        "ImageBuild", "SourceText", "Diagnostics", "DockerfileSyntax", "OCIModel", "ImageStore",
        "Layers", "FileTree", "Isolation", "ContentHash", "Download",
      ]),
    tests("CommandTests", []),
    tests("InteropTests", ["SourceText", "Diagnostics", "DockerfileLint", "Reports"]),
    tests("ImportBoundaryTests", []),
  ]
)
