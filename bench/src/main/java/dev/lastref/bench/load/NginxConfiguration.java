package dev.lastref.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How nginx is set up here, be it as origin or as a cache: a worker for each CPU, connections that stay, and no log. */
public final class NginxConfiguration {
    private static final int WORKERS = Math.max(1, Runtime.getRuntime().availableProcessors());

    private static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

    private static final Pattern OPEN_FILES = Pattern.compile("^Max open files +[0-9]+ +([0-9]+)", Pattern.MULTILINE);
    private static final long MOST_OPEN_FILES = 400_000;

    private NginxConfiguration() {}

    /** What this process may raise its limit of descriptors to, and so what its children may. */
    public static long openFiles() throws IOException {
        return openFiles(Files.readString(Path.of("/proc/self/limits")));
    }

    public static long openFiles(String limits) {
        Matcher matcher = OPEN_FILES.matcher(limits);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no 'Max open files' with a number in " + limits);
        }
        return Math.min(MOST_OPEN_FILES, Long.parseLong(matcher.group(1)));
    }

    /**
     * All but the servers, with the block for HTTP left open.
     *
     * @param folder where it may write
     * @param name of what it writes there
     */
    public static String begin(Path folder, String name) throws IOException {
        String user = IS_ROOT ? "user root;\n" : "";
        return user
                + """
                daemon off;
                worker_processes %d;
                worker_rlimit_nofile %d;
                pid %s/%s.pid;
                error_log stderr warn;
                events { worker_connections 8192; }
                http {
                    access_log off;
                    sendfile on;
                    tcp_nopush off;
                    tcp_nodelay on;
                    keepalive_timeout 1h;
                    keepalive_requests 1000000000;
                    default_type application/octet-stream;
                    client_body_temp_path %s/%s-body;
                    proxy_temp_path %s/%s-proxy;
                    fastcgi_temp_path %s/%s-other;
                    uwsgi_temp_path %s/%s-other;
                    scgi_temp_path %s/%s-other;
                """.formatted(
                                WORKERS,
                                openFiles(),
                                folder,
                                name,
                                folder,
                                name,
                                folder,
                                name,
                                folder,
                                name,
                                folder,
                                name,
                                folder,
                                name);
    }

    /** Files by their size, whatever they are called. */
    static String origin(int port, Path folder) throws IOException {
        return begin(folder, "origin") + """
                    server {
                        listen 127.0.0.1:%d backlog=4096;
                        root %s/files;
                        location = /status { stub_status; }
                        location ~ "^/[a-z]+/([0-9]+)/" {
                            add_header Cache-Control "public, max-age=86400";
                            try_files /$1 =404;
                        }
                    }
                }
                """.formatted(port, folder);
    }
}
