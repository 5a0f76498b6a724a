import ImageStore
import OCIModel

/// Writes a blob that comes in pieces.
final class BlobReceiver: BodyReceiver {
  private let descriptor: Descriptor
  private let store: OCILayoutStore
  private let received: (Int64) -> Bool
  private var writer: BlobWriter?
  /// Where the bytes of the present answer belong; nil once some have come.
  private var start: Int64? = 0
  /// Why nothing more is taken.
  private(set) var failure: RegistryError?
  /// In how many answers the bytes came that are there.
  private(set) var pieces = 0

  init(_ descriptor: Descriptor, _ store: OCILayoutStore, _ received: @escaping (Int64) -> Bool) {
    self.descriptor = descriptor
    self.store = store
    self.received = received
  }

  /// Bytes that are there.
  var size: Int64 { writer?.size ?? 0 }

  /// Says that an answer is to come whose bytes were asked for from a place on.
  func begin(at start: Int64) { self.start = start }

  /// Forgets the bytes that are there.
  func restart() {
    writer = nil
    pieces = 0
  }

  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) -> Bool {
    do throws(RegistryError) {
      if let start { try open(response, at: start) }
      start = nil
      do throws(StoreError) {
        unsafe try writer?.write(bytes)
      } catch .tooLarge {
        throw .wrongSize(descriptor.digest, expected: descriptor.size, actual: size + Int64(bytes.count))
      } catch {
        throw .store(error)
      }
      guard received(size) else { throw .cancelled }
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func open(_ response: HTTPResponse, at start: Int64) throws(RegistryError) {
    // Who was asked for a part may send everything.
    if response.status != 206, start > 0 { restart() }
    if response.status == 206, let range = response["Content-Range"] {
      let digits = range.drop { !$0.isNumber }.prefix { $0.isNumber }
      guard Int64(digits) == start else {
        throw .malformed(host: "", reason: "it sends another part of \(descriptor.digest) than was asked for")
      }
    }
    try makeWriter()
    pieces += 1
  }

  private func makeWriter() throws(RegistryError) {
    guard writer == nil else { return }
    do throws(StoreError) {
      writer = try store.makeBlob(limit: descriptor.size)
    } catch {
      throw .store(error)
    }
  }

  /// Puts the blob into the store, if it is what it should be.
  func finish() throws(RegistryError) {
    try makeWriter()
    guard let writer = writer.take() else { return }
    do throws(StoreError) {
      _ = try writer.finish(expecting: (descriptor.digest, descriptor.size))
    } catch .digestMismatch(let expected, let actual) {
      throw .wrongContent(expected: expected, actual: actual)
    } catch .sizeMismatch(let digest, let expected, let actual) {
      throw .wrongSize(digest, expected: expected, actual: actual)
    } catch {
      throw .store(error)
    }
  }
}
