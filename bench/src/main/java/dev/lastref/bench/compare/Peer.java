package dev.lastref.bench.compare;

import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Server;
import dev.lastref.bench.load.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A cache that takes part. */
enum Peer {
    NGINX("nginx"),
    VARNISH("varnishd"),
    HAPROXY("haproxy"),
    /** The executable jar with the options that {@code ./lastref} gives it. */
    LASTREF(null);

    private final Optional<String> program;

    Peer(@Nullable String program) {
        this.program = Optional.ofNullable(program);
    }

    /** The program that must be installed for it, if any. */
    Optional<String> program() {
        return program;
    }

    /** Varnish does only where somebody else does it for it, and before it: as Debian has it there is no option for it. */
    boolean speaksTls() {
        return this != VARNISH;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException with the names there are */
    static Peer named(String name) {
        for (Peer peer : values()) {
            if (peer.title().equals(name) || peer.program.filter(name::equals).isPresent()) {
                return peer;
            }
        }
        throw new IllegalArgumentException(
                "there is no peer '" + name + "', expected nginx, varnish, haproxy or lastref");
    }

    /**
     * Where and how they all run.
     *
     * @param folder on tmpfs, for configurations, logs and nginx's cache
     * @param launcher {@code ./lastref}
     * @param cacheBytes what each may keep
     * @param largestObject bytes of the largest response that is asked for
     * @param identity if there is one, they speak TLS by it, and HTTP/2 to whom asks for it
     */
    record Ground(
            Programs programs,
            Path folder,
            Path launcher,
            int originPort,
            long cacheBytes,
            long largestObject,
            Optional<TlsIdentity> identity) {
        /** The same elsewhere and over TLS. */
        Ground with(Path otherFolder, TlsIdentity newIdentity) {
            return new Ground(
                    programs, otherFolder, launcher, originPort, cacheBytes, largestObject, Optional.of(newIdentity));
        }
    }

    Server start(Ground ground) throws IOException, InterruptedException {
        int port = Server.freePort();
        Path folder = ground.folder();
        List<String> command = switch (this) {
            case NGINX ->
                List.of(
                        ground.programs().path("nginx"),
                        "-p",
                        folder.toString(),
                        "-c",
                        Configurations.write(
                                        folder,
                                        "nginx.conf",
                                        Configurations.nginx(
                                                port,
                                                ground.originPort(),
                                                folder,
                                                ground.cacheBytes(),
                                                ground.identity()))
                                .toString());
            case VARNISH ->
                List.of(
                        ground.programs().path("varnishd"),
                        "-F",
                        "-j",
                        "none",
                        "-n",
                        Files.createDirectories(folder.resolve("varnish")).toString(),
                        "-a",
                        "127.0.0.1:" + port,
                        "-T",
                        "none",
                        "-f",
                        Configurations.write(folder, "varnish.vcl", Configurations.varnish(ground.originPort()))
                                .toString(),
                        "-s",
                        "malloc," + ground.cacheBytes() / 1024 + "k",
                        "-p",
                        "timeout_idle=3600");
            case HAPROXY ->
                List.of(
                        ground.programs().path("haproxy"),
                        "-db",
                        "-f",
                        Configurations.write(
                                        folder,
                                        "haproxy.cfg",
                                        Configurations.haproxy(
                                                port,
                                                ground.originPort(),
                                                ground.cacheBytes(),
                                                ground.largestObject(),
                                                ground.identity()))
                                .toString());
            case LASTREF -> lastref(ground, port);
        };
        return Server.start(title(), command, port, folder);
    }

    private static List<String> lastref(Ground ground, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ground.launcher().toString(),
                "serve",
                "--origin",
                "http://127.0.0.1:" + ground.originPort(),
                "--listen",
                "127.0.0.1:" + port,
                "--admin",
                "127.0.0.1:" + Server.freePort(),
                "-Dlastref.pool.size=" + ground.cacheBytes()));
        ground.identity().ifPresent(identity -> {
            command.add("-Dlastref.tls.certificate=" + identity.certificate());
            command.add("-Dlastref.tls.key=" + identity.key());
        });
        return command;
    }
}
