import ImageBuild
import ImageStore
import OCIModel
import Registry

extension BuildResult {
  /// Writes the image's steps into its manifest, wherever it goes: `--cache-to type=inline`.
  func describeCache(in outputs: inout [BuildOutput], _ store: OCILayoutStore) throws {
    let records: String
    do throws(StoreError) {
      records = String(decoding: CacheRecords.encode(try store.knownSteps(imageCacheKeys)), as: UTF8.self)
    } catch {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
    for index in outputs.indices {
      outputs[index].form.annotations.append(
        ImageForm.Annotation(
          place: .manifest, platform: image.platform, key: CacheRecords.annotation, value: records))
    }
  }
}
