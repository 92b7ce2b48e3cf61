package dev.lastref.bench.compare;

import dev.lastref.bench.load.NginxConfiguration;
import dev.lastref.bench.load.TlsIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Each server's configuration at its best, as far as its manual and measurements on loopback tell. */
final class Configurations {
    private static final int WORKERS = Math.max(1, Runtime.getRuntime().availableProcessors());

    private Configurations() {}

    static Path write(Path folder, String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /**
     * A worker whose descriptors are used up accepts nothing for half a second, so its cache of open files stays below the limit.
     * tcp_nopush stays off: on loopback it holds the last packet back, by up to 40 ms.
     * What is beyond the cache's size is removed as fast as can be: by itself nginx removes a hundred files at a time and then sleeps, which
     * misses outrun until the memory is full; and pages that come back soon cost it less than new ones.
     *
     * @param identity if there is one, it speaks TLS by it, and HTTP/2
     */
    static String nginx(int port, int originPort, Path folder, long cacheBytes, Optional<TlsIdentity> identity)
            throws IOException {
        return NginxConfiguration.begin(folder, "nginx")
                + """
                    proxy_cache_path %s/nginx-cache levels=1:2 keys_zone=all:64m max_size=%d inactive=1d use_temp_path=off
                            manager_files=100000 manager_threshold=10s manager_sleep=1ms;
                    open_file_cache max=%d inactive=1h;
                    open_file_cache_valid 1h;
                    upstream origin {
                        server 127.0.0.1:%d;
                        keepalive 64;
                        keepalive_requests 1000000000;
                        keepalive_timeout 1h;
                    }
                    server {
                        listen 127.0.0.1:%d backlog=4096%s;
                        %s
                        location / {
                            proxy_pass http://origin;
                            proxy_http_version 1.1;
                            proxy_set_header Connection "";
                            proxy_cache all;
                            proxy_cache_lock on;
                            proxy_force_ranges on;
                        }
                    }
                }
                """.formatted(
                                folder,
                                cacheBytes,
                                NginxConfiguration.openFiles() / 4 * 3,
                                originPort,
                                port,
                                identity.isPresent() ? " ssl http2" : "",
                                identity.map(Configurations::nginxTls).orElse(""));
    }

    /**
     * Content is read in larger pieces than by itself (32 KiB), and framed in larger ones (8 KiB): 0.87 and 0.88 times the CPU of 64 KiB
     * and 1 MiB by HTTP/2, and the same at 64 KiB by HTTP/1.1; frames of 64 KiB won nothing. Without more ado ssl_buffer_size is as
     * large as a record may be.
     */
    private static String nginxTls(TlsIdentity identity) {
        return """
                ssl_certificate %s;
                ssl_certificate_key %s;
                ssl_protocols TLSv1.3;
                output_buffers 2 128k;
                http2_chunk_size 16k;
                """.formatted(identity.certificate(), identity.key());
    }

    static String varnish(int originPort) {
        return """
                vcl 4.1;
                backend default { .host = "127.0.0.1"; .port = "%d"; }
                """.formatted(originPort);
    }

    /** @param identity if there is one, it speaks TLS by it, and HTTP/2 */
    static String haproxy(
            int port, int originPort, long cacheBytes, long largestObject, Optional<TlsIdentity> identity) {
        // At most 4095 MB, and an object at most half of it (configuration manual, section 6).
        long megabytes = Math.min(4095, cacheBytes >> 20);
        return """
                global
                    nbthread %d
                    maxconn 8192
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 1h
                    timeout server 60s
                    timeout http-keep-alive 1h
                    option http-keep-alive
                cache all
                    total-max-size %d
                    max-object-size %d
                    max-age 86400
                backend origin
                    http-reuse always
                    server origin 127.0.0.1:%d
                frontend clients
                    bind 127.0.0.1:%d%s
                    http-request cache-use all
                    http-response cache-store all
                    default_backend origin
                """.formatted(
                        WORKERS,
                        megabytes,
                        Math.min(largestObject + 65_536, (megabytes << 20) / 2 - 1),
                        originPort,
                        port,
                        identity.map(own -> " ssl crt " + own.both() + " alpn h2,http/1.1 ssl-min-ver TLSv1.3")
                                .orElse(""));
    }
}
