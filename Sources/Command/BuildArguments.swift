import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import ImageStore
import Isolation

// The values of ARGs, and the one among them that is the time of the build.
extension BuildCommand {
  /// The values of `--build-arg`, and SOURCE_DATE_EPOCH of the environment.
  func buildArguments() throws -> [BuildRequest.Argument] {
    var arguments = try buildArg.compactMap { text in
      let bytes = Array(text.utf8)
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
        return environment(text).map { BuildRequest.Argument(name: bytes, value: $0) }
      }
      guard equals > 0 else { throw Failure("--build-arg \(text): the name is missing", status: Exit.unable) }
      return BuildRequest.Argument(name: Array(bytes[..<equals]), value: Array(bytes[(equals + 1)...]))
    }
    // As docker's client has it: the variable of the environment is a build argument.
    let name = BuildRequest.epochName
    if !arguments.contains(where: { $0.name == name }), let value = environment("SOURCE_DATE_EPOCH"),
      !value.isEmpty
    {
      arguments.append(BuildRequest.Argument(name: name, value: value))
    }
    return arguments
  }

  /// Gives the build the time that SOURCE_DATE_EPOCH says.
  func settleEpoch(
    _ request: inout BuildRequest, _ inputs: BuildInputs, _ store: OCILayoutStore,
    _ cancellation: Cancellation
  ) throws {
    do throws(BuildError) {
      let timeless = try request.settleEpoch(context: inputs.time, store: store, cancellation: cancellation)
      if let timeless, !quiet {
        Exit.complain(
          "warning: SOURCE_DATE_EPOCH=\(timeless): it has no time of its own, so the image has the time of the build"
        )
      }
    } catch .cancelled {
      writeAll(STDERR_FILENO, Array("slipway: interrupted\n".utf8))
      throw ExitCode(128 + Interruption.signalNumber)
    } catch {
      throw buildFailure(error, request.dockerfile)
    }
  }
}
