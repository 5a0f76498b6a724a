import ArgumentParser
import Glibc
import ImageStore
import Isolation
import OCIModel
import Registry

/// `slipway pull`
struct PullCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Bring images from registries into the local store.",
    discussion: """
      A name without a registry is docker's: `node` means docker.io/library/node:latest. Credentials are docker's and \
      podman's (`slipway login`). Every blob is verified, what is in the store already is not fetched again, and what \
      breaks off goes on where it was. HTTPS_PROXY, HTTP_PROXY, NO_PROXY and SSL_CERT_FILE count.
      """)

  @Option(help: ArgumentHelp("The platform. Default: this machine's.", valueName: "os/arch"))
  var platform: String?
  @Flag(name: [.customShort("a"), .long], help: "Bring in the image for every platform that there is.")
  var allPlatforms = false
  @Flag(name: [.customShort("q"), .long], help: "Print the names alone.")
  var quiet = false
  @Flag(
    help: ArgumentHelp(
      "Bring in what refers to the image, too: signatures, attestations, lists of its parts."))
  var referrers = false
  @OptionGroup var transfer: TransferOptions
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var store: StoreOptions
  @Argument(help: ArgumentHelp("The images: NAME, NAME:TAG or NAME@DIGEST.", valueName: "name"))
  var names: [String]

  func validate() throws {
    if allPlatforms, platform != nil {
      throw ValidationError("--platform and --all-platforms cannot be given at once")
    }
  }

  func run() throws {
    let references = try names.map(imageName)
    let wanted = try platform.map(platformOption)
    let platforms = allPlatforms ? ImagePull.Platforms.all : .one(wanted)
    let store = try store.open()
    let cancellation = try Interruption.start()
    let mirrors = try mirror.mirrors()
    for reference in references {
      let view = TransferView(.pull, transfer.mode(isQuiet: quiet))
      let client = registry.client(cancel: cancellation.descriptor, mirrors: mirrors) { view.note($0) }
      do throws(RegistryError) {
        let old = try stored(reference, store)
        let image = try ImagePull(client, store: store, withReferrers: referrers) { view.show($0) }
          .pull(reference, platforms)
        view.end()
        let status = old != image.digest ? "Downloaded newer image" : "Image is up to date"
        view.result(reference.familiarName, status, image.digest)
        var text = "\(reference.fullName)\n"
        if !quiet {
          let count = referrers ? "Referrers: \(try referrerCount(image, store))\n" : ""
          text = "Digest: \(image.digest)\n\(count)Status: \(status) for \(reference.familiarName)\n" + text
        }
        writeAll(STDOUT_FILENO, Array(text.utf8))
      } catch {
        throw view.end(transferFailure(error, reference))
      }
    }
  }

  private func referrerCount(_ image: Descriptor, _ store: OCILayoutStore) throws(RegistryError) -> Int {
    do throws(StoreError) {
      return try store.referrers(toAllOf: image).count
    } catch {
      throw .store(error)
    }
  }

  private func stored(_ reference: ImageReference, _ store: OCILayoutStore) throws(RegistryError) -> Digest? {
    do throws(StoreError) {
      return try store.descriptor(of: reference)?.digest
    } catch {
      throw .store(error)
    }
  }
}

/// Why an image could not be carried.
func transferFailure(_ error: RegistryError, _ reference: ImageReference) -> any Error {
  if case .cancelled = error {
    Exit.complain("interrupted")
    return ExitCode(128 + Interruption.signalNumber)
  }
  let (message, help) = registrySentence(error)
  return Failure(("\(reference.familiarName): \(message)", help), status: Exit.status(of: error))
}

/// Reads `--platform`.
func platformOption(_ text: String) throws -> Platform {
  do throws(PlatformError) {
    return try Platform(parsing: text)
  } catch {
    throw Failure("--platform \(text): \(platformSentence(error))", status: Exit.unable)
  }
}

extension Interruption {
  /// Watches for signals from now on.
  static func start() throws -> Cancellation {
    do {
      let cancellation = try Cancellation()
      watch(cancellation)
      return cancellation
    } catch {
      throw Failure(isolationSentence(error), status: Exit.unable)
    }
  }
}
