package dev.lastref.http.cli;

import dev.lastref.http.config.EditDistance;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What is wrong with a command line, in the words of the other messages: picocli's own are of indices and Java's types. */
final class WrongUsage {
    private static final int CHARACTERS_A_TYPO = 3;
    /** What Java makes of bytes of an argument that are no characters in the locale's encoding. */
    static final char UNREADABLE = '\ufffd';

    private WrongUsage() {}

    /** One line, without where to read on. */
    static String of(CommandLine.ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            return unmatched(unmatched, command);
        }
        if (e instanceof CommandLine.OverwrittenOptionException twice) {
            return names(List.of(twice.getOverwritten())) + " is given twice: expected it once";
        }
        if (e instanceof CommandLine.MutuallyExclusiveArgsException) {
            return oneOf(command) + ": expected only one of them";
        }
        if (e instanceof CommandLine.MissingParameterException missing) {
            return missing.getMissing().size() == 1
                    ? missing(missing.getMissing().get(0))
                    : oneOf(command) + ": expected one of them";
        }
        ArgSpec argument = e.getArgSpec();
        if (argument instanceof OptionSpec flag && flag.arity().max() == 0) {
            return names(List.of(flag)) + " is given \"" + e.getValue() + "\": expected no value behind it";
        }
        if (argument != null && e.getValue() != null) {
            String hint = e.getValue().indexOf(UNREADABLE) < 0
                    ? ""
                    : ", which this locale's encoding cannot read: set LC_ALL=C.UTF-8";
            return names(List.of(argument)) + " is \"" + e.getValue() + "\": expected " + argument.paramLabel() + hint;
        }
        String message = String.valueOf(e.getMessage()); // of our own, but for one
        return message.startsWith("Missing required subcommand") ? "no command is given: expected one" : message;
    }

    private static String unmatched(CommandLine.UnmatchedArgumentException e, CommandSpec command) {
        String first = e.getUnmatched().get(0);
        String name = first.replaceFirst("=.*", "");
        List<String> near = e.getSuggestions().stream() // of whatever is the least unlike
                .filter(each -> EditDistance.between(name, each) <= Math.max(1, name.length() / CHARACTERS_A_TYPO))
                .toList();
        String nearest = near.isEmpty() ? "" : "; the nearest is " + near.get(0);
        if (command.parent() == null) {
            return "\"" + first + "\" is no "
                    + (e.isUnknownOption() ? "option of lastref itself: those of a command stand behind it" : "command")
                    + nearest;
        }
        return "\"" + first + "\" is no option"
                + (e.isUnknownOption()
                        ? " of " + command.qualifiedName()
                        : ", and " + command.qualifiedName() + " takes nothing else")
                + nearest;
    }

    private static String missing(ArgSpec argument) {
        return names(List.of(argument)) + " is given without a value: expected " + argument.paramLabel() + " behind it";
    }

    /** Of the one group of options that a command has. */
    private static String oneOf(CommandSpec command) {
        return command.argGroups().stream()
                .map(ArgGroupSpec::allOptionsNested)
                .map(WrongUsage::names)
                .collect(Collectors.joining("; "));
    }

    private static String names(Collection<? extends ArgSpec> arguments) {
        return arguments.stream()
                .map(each -> each instanceof OptionSpec option ? option.longestName() : each.paramLabel())
                .collect(Collectors.joining(", "));
    }
}
