import Glibc
import TestSupport

/// The image of the demo, built by the binary under test as root and as an ordinary user.
struct DemoImage {
  /// What keeps the image from being built here; nil when nothing does.
  static let obstacle: String? =
    if Processes.slipway == nil {
      "the slipway binary has not been built"
    } else if Processes.find("busybox") == nil {
      "busybox is missing (Debian: busybox-static)"
    } else {
      nil
    }

  /// The folder that holds everything; other users can read it.
  let folder: String
  var tarball: String { folder + "/demo.tar" }

  /// Builds base and image below a folder, as a user.
  init(in folder: String, user: UInt32?) throws {
    self.folder = folder
    guard let slipway = Processes.slipway, let busybox = Processes.find("busybox") else {
      throw InteropFailure("the demo image cannot be built: \(Self.obstacle ?? "")")
    }
    try Files.createFolder(folder + "/base")
    try Files.createFolder(folder + "/app")
    for (from, to) in [
      (busybox, "/base/busybox"), (TestSupport.fixture("demo/base/Dockerfile"), "/base/Dockerfile"),
      (TestSupport.fixture("demo/app/Dockerfile"), "/app/Dockerfile"),
      (TestSupport.fixture("demo/app/greeting.txt"), "/app/greeting.txt"), (slipway, "/slipway"),
    ] {
      // By a process of its own: what another test starts just now would hold a program that is being written here open, and
      // the kernel then does not start it (ETXTBSY).
      let copied = try Processes.run("cp", [from, folder + to])
      guard copied.status == 0 else { throw InteropFailure(copied.errorText) }
      unsafe chmod(folder + to, to == "/slipway" ? 0o755 : 0o644)
    }
    if let user { unsafe chown(folder, user, user) }
    unsafe chmod(folder, 0o755)
    try build(["-t", "slipway-demo-base", folder + "/base"], as: user)
    try build(["-t", "slipway-demo:latest", "-o", tarball, folder + "/app"], as: user)
  }

  private func build(_ arguments: [String], as user: UInt32?) throws {
    var command = [folder + "/slipway", "build"] + arguments
    if let user {
      command = ["setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"] + command
    }
    let result = try Processes.run(
      command[0], Array(command.dropFirst()),
      environment: [
        "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000",
        "XDG_DATA_HOME": nil,
      ])
    guard result.status == 0 else {
      throw InteropFailure(
        "\(command.joined(separator: " ")) ended with \(result.status): \(result.errorText)")
    }
  }
}

/// Why a test could not do its work.
struct InteropFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs a program and gives what it prints; fails when it ends with anything but 0.
func printed(_ program: String, _ arguments: [String], environment: [String: String?] = [:]) throws -> String
{
  let result = try Processes.run(program, arguments, environment: environment)
  guard result.status == 0 else {
    throw InteropFailure(
      "\(program) \(arguments.joined(separator: " ")) ended with \(result.status): \(result.errorText)")
  }
  return result.outputText
}
