package dev.lastref.http.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --admin}, which sidecar a command speaks to, and what it says of an answer that it did not hope for. */
@Command
final class AdminOption {
    /** No sidecar answers, or it failed. */
    static final int FAILED = 1;
    /** What was asked for is not understood, or refused. */
    static final int NOT_UNDERSTOOD = 2;

    private static final int BAD_REQUEST = 400;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--admin",
            paramLabel = "HOST:PORT",
            defaultValue = AdminPort.USUAL,
            description = AdminPort.DESCRIPTION)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String address;

    /** As the user gave it. */
    String address() {
        return address;
    }

    AdminPort port() {
        return new AdminPort(address, spec.commandLine());
    }

    /** Says what the answer was; returns the command's exit status. */
    int refused(int status, String answer) {
        spec.commandLine().getErr().println("lastref: " + address + " answered " + AdminPort.told(status, answer));
        return status == BAD_REQUEST ? NOT_UNDERSTOOD : FAILED;
    }
}
