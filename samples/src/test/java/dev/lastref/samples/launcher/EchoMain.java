package dev.lastref.samples.launcher;

/** What the launcher starts in its tests: tells what reached it. */
public final class EchoMain {

    private EchoMain() {}

    public static void main(String[] args) {
        for (String arg : args) {
            System.out.println("argument <" + arg + ">");
        }
        System.out.println("property <" + System.getProperty("launcher.test") + ">");
        System.out.println("pid <" + ProcessHandle.current().pid() + ">");
        if (args.length > 0 && args[0].equals("exit")) {
            System.exit(Integer.parseInt(args[1]));
        }
    }
}
