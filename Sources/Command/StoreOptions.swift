import ArgumentParser
import Glibc
import ImageStore
import Isolation
import OCIModel

/// Where the local store is.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of the local store. Default: SLIPWAY_ROOT, else slipway in XDG_DATA_HOME or ~/.local/share.",
      valueName: "dir"))
  var root: String?

  /// Where the store is, or would be; nil if nothing says so.
  var path: [UInt8]? {
    storeRoot(
      option: root.map { Array($0.utf8) }, slipwayRoot: environment("SLIPWAY_ROOT"),
      dataHome: environment("XDG_DATA_HOME"), home: environment("HOME")
    ).map(absolute)
  }

  /// The store, or the nearest folder above it that there is; /tmp if nothing can be written there.
  var existingFolder: [UInt8] {
    var folder = path ?? []
    while !folder.isEmpty {
      if unsafe access(String(decoding: folder, as: UTF8.self), W_OK | X_OK) == 0 { return folder }
      guard errno == ENOENT, let slash = folder.lastIndex(of: UInt8(ascii: "/")) else { break }
      folder.removeSubrange(slash...)
    }
    return Array("/tmp".utf8)
  }

  /// Opens the store, and makes it where there is none.
  func open() throws -> OCILayoutStore {
    guard let path else {
      throw Failure(
        "there is no folder for the local store: set --root, SLIPWAY_ROOT or HOME", status: Exit.unable)
    }
    OpenFileLimit.raise()
    do {
      return try OCILayoutStore.open(root: path)
    } catch {
      throw Failure("the local store: \(storeSentence(error))", status: Exit.unable)
    }
  }
}

/// The bytes of an environment variable; nil if it is not set.
func environment(_ name: String) -> [UInt8]? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe Array(UnsafeBufferPointer(start: value, count: strlen(value)).map { UInt8(bitPattern: $0) })
}

/// A path from the root of the file system on.
func absolute(_ path: [UInt8]) -> [UInt8] {
  guard path.first != UInt8(ascii: "/"), let current = unsafe getcwd(nil, 0) else { return path }
  defer { unsafe free(current) }
  let folder = unsafe Array(UnsafeBufferPointer(start: current, count: strlen(current))).map {
    UInt8(bitPattern: $0)
  }
  return folder + [UInt8(ascii: "/")] + path
}

/// Reads a name of an image.
func imageName(_ text: String) throws -> ImageReference {
  do throws(ImageReferenceError) {
    return try ImageReference(parsing: text)
  } catch {
    throw Failure("\(text): \(referenceSentence(error))", status: Exit.unable)
  }
}
