import Glibc
import TestSupport
import Testing

/// What other tools make of an image that Slipway built. Each test is skipped where its tool is missing.
@Suite(
  "Other tools take the image", .serialized,
  .enabled(if: DemoImage.obstacle == nil, "needs the binary and busybox"))
struct InteropTests {
  private static let greeting = "HELLO FROM AN IMAGE THAT NO DAEMON BUILT\n"
  private static let isRoot = getuid() == 0

  /// Builds the demo image in a folder of its own and hands it over.
  private func withImage(user: UInt32? = nil, _ body: (DemoImage) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      unsafe chmod(folder, 0o755)
      try body(try DemoImage(in: folder + "/image", user: user))
    }
  }

  @Test(
    "I08: skopeo reads it through both transports",
    .enabled(if: Processes.find("skopeo") != nil, "skopeo is missing"))
  func skopeo() throws {
    try withImage { image in
      for transport in ["oci-archive:", "docker-archive:"] {
        let text = try printed("skopeo", ["inspect", transport + image.tarball])
        #expect(text.contains("\"org.opencontainers.image.title\": \"slipway demo\""))
        #expect(text.contains("\"Created\": \"2023-11-14T22:13:20Z\""))
        // A copy reads every blob and checks its digest and size.
        let copy = image.folder + "/copy-" + transport.dropLast()
        _ = try printed("skopeo", ["copy", "-q", transport + image.tarball, "dir:" + copy])
        #expect(try Files.names(in: copy).count >= 8)
      }
    }
  }

  @Test(
    "I04, I08: skopeo reads every output in every compression",
    .enabled(if: Processes.find("skopeo") != nil, "skopeo is missing"))
  func compressions() throws {
    try withImage { image in
      let store = ["SLIPWAY_ROOT": image.folder + "/store" as String?, "SOURCE_DATE_EPOCH": "1700000000"]
      for (options, suffix) in [
        ("compression=gzip,compression-level=9", "tar+gzip"), ("compression=zstd", "tar+zstd"),
        ("compression=zstd,compression-level=19,force-compression=true", "tar+zstd"),
        ("compression=uncompressed,force-compression=true", "layer.v1.tar"),
        ("oci-mediatypes=false", "diff.tar.gzip"),
      ] {
        let path = image.folder + "/" + suffix + ".tar"
        _ = try printed(
          image.folder + "/slipway",
          [
            "build", "-q", "-t", "x:1", "-o", "type=oci,dest=\(path),annotation.a=b,\(options)",
            image.folder + "/app",
          ],
          environment: store)
        for transport in ["oci-archive:", "docker-archive:"] {
          let copy = image.folder + "/copy"
          _ = try printed("skopeo", ["copy", "-q", transport + path, "dir:" + copy])
          Files.remove(copy)
        }
        let raw = try printed("skopeo", ["inspect", "--raw", "oci-archive:" + path])
        #expect(raw.contains(suffix + "\""), "\(options)")
        #expect(raw.contains("\"annotations\":{\"a\":\"b\"}"))
      }
    }
  }

  @Test("umoci unpacks it", .enabled(if: Processes.find("umoci") != nil && isRoot, "needs umoci and root"))
  func umoci() throws {
    try withImage { image in
      let layout = image.folder + "/layout"
      try Files.createFolder(layout)
      _ = try printed("tar", ["-xf", image.tarball, "-C", layout])
      _ = try printed("umoci", ["unpack", "--image", layout + ":latest", image.folder + "/bundle"])
      let root = image.folder + "/bundle/rootfs"
      #expect(try Files.read(root + "/share/greeting") == Array(Self.greeting.utf8))
      #expect(
        try Files.read(root + "/share/note") == Array("Built without a daemon and without root.\n".utf8))
      let modes = try printed(
        "stat", ["-c", "%a %u:%g", root + "/tmp", root + "/bin/greet", root + "/share/note"])
      #expect(modes == "1777 0:0\n755 0:0\n644 0:0\n")
      #expect(
        !Files.exists(root + "/etc/resolv.conf"), "what RUN sees of the network is no part of the image")
      #expect(
        try Files.names(in: root + "/proc") == [],
        "the folder that RUN needed stays empty, as BuildKit leaves it")
    }
  }

  @Test(
    "podman loads and runs it",
    .enabled(if: Processes.find("podman") != nil && isRoot, "needs podman and root"))
  func podman() throws {
    try withImage { image in
      let storage = [
        "--root", image.folder + "/podman", "--runroot", image.folder + "/podman-run", "--storage-driver",
        "vfs",
        "--cgroup-manager", "cgroupfs",
      ]
      _ = try printed("podman", storage + ["load", "-q", "-i", image.tarball])
      let run = [
        "run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
        "slipway-demo:latest",
      ]
      // Which runtime works depends on how the machine mounts its cgroups.
      var result = try Processes.run("podman", storage + run)
      if result.status != 0 { result = try Processes.run("podman", storage + ["--runtime", "runc"] + run) }
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.outputText == Self.greeting)
    }
  }

  @Test(
    "I08: docker loads and runs it",
    .enabled(if: Processes.find("dockerd") != nil && isRoot, "needs dockerd and root"))
  func docker() throws {
    try withImage { image in
      let socket = "unix://" + image.folder + "/docker.sock"
      let start = """
        dockerd --iptables=false --bridge=none --storage-driver vfs --data-root \(image.folder)/docker \
        --exec-root \(image.folder)/docker-run --pidfile \(image.folder)/docker.pid -H \(socket) \
        >\(image.folder)/docker.log 2>&1 &
        """
      _ = try printed("/bin/sh", ["-c", start])
      defer { stop(pidFile: image.folder + "/docker.pid") }
      var isUp = false
      for _ in 0..<300 where !isUp {
        isUp = try Processes.run("docker", ["-H", socket, "info"]).status == 0
        if !isUp { usleep(100_000) }
      }
      let log = try String(decoding: Files.read(image.folder + "/docker.log"), as: UTF8.self)
      try #require(isUp, "dockerd does not start: \(log.suffix(2000))")
      #expect(
        try printed("docker", ["-H", socket, "load", "-i", image.tarball]).contains("slipway-demo:latest"))
      let run = ["run", "--rm", "--network", "none", "slipway-demo:latest"]
      #expect(try printed("docker", ["-H", socket] + run) == Self.greeting)
    }
  }

  /// Ends a daemon and waits until it is gone, so that its folder can be removed.
  private func stop(pidFile: String) {
    guard let text = try? Files.read(pidFile), let pid = pid_t(String(decoding: text, as: UTF8.self)) else {
      return
    }
    kill(pid, SIGTERM)
    for _ in 0..<200 where kill(pid, 0) == 0 { usleep(50_000) }
  }

  @Test(
    "an ordinary user without subordinate ids builds the same image, byte for byte",
    .enabled(if: isRoot && Processes.find("setpriv") != nil, "needs root, to become somebody else"))
  func ordinaryUser() throws {
    try withImage { root in
      try withImage(user: 65534) { user in
        let (left, right) = (try Files.read(root.tarball), try Files.read(user.tarball))
        #expect(left == right)
      }
    }
  }

  @Test(
    "Slipway loads what it saved, and what skopeo made of it",
    .enabled(if: Processes.find("skopeo") != nil, "skopeo is missing"))
  func roundTrip() throws {
    try withImage { image in
      let slipway = image.folder + "/slipway"
      let store = ["SLIPWAY_ROOT": image.folder + "/other" as String?]
      _ = try printed(slipway, ["load", "-i", image.tarball], environment: store)
      _ = try printed(
        "skopeo",
        [
          "copy", "-q", "oci-archive:" + image.tarball,
          "docker-archive:" + image.folder + "/docker.tar:again:1",
        ])
      _ = try printed(slipway, ["load", "-i", image.folder + "/docker.tar"], environment: store)
      let list = try printed(slipway, ["images"], environment: store)
      #expect(list.contains("slipway-demo"))
      #expect(list.contains("again"))
    }
  }
}
