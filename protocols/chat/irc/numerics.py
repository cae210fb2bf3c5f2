"""The numbers of IRC's replies, and what the errors say.

RFC 2812 (5) and modern.ircdocs.horse/#numerics; those of MONITOR, SASL and WHOX
from IRCv3.
"""

from __future__ import annotations

RPL_WELCOME, RPL_YOURHOST, RPL_CREATED, RPL_MYINFO = "001", "002", "003", "004"
RPL_ISUPPORT = "005"
RPL_STATSKLINE, RPL_ENDOFSTATS, RPL_STATSDLINE = "216", "219", "225"
RPL_UMODEIS, RPL_STATSUPTIME = "221", "242"
RPL_LUSERCLIENT, RPL_LUSEROP, RPL_LUSERUNKNOWN = "251", "252", "253"
RPL_LUSERCHANNELS, RPL_LUSERME = "254", "255"
RPL_ADMINME, RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINEMAIL = "256", "257", "258", "259"
RPL_LOCALUSERS, RPL_GLOBALUSERS = "265", "266"
RPL_SILELIST, RPL_ENDOFSILELIST = "271", "272"
RPL_ACCEPTLIST, RPL_ENDOFACCEPT = "281", "282"
RPL_AWAY, RPL_USERHOST, RPL_ISON, RPL_UNAWAY, RPL_NOWAWAY = (
    *("301", "302", "303"),
    *("305", "306"),
)
RPL_WHOISUSER, RPL_WHOISSERVER, RPL_WHOISOPERATOR = "311", "312", "313"
RPL_WHOWASUSER, RPL_ENDOFWHO, RPL_WHOISIDLE, RPL_ENDOFWHOIS = "314", "315", "317", "318"
RPL_WHOISCHANNELS, RPL_WHOISACCOUNT, RPL_WHOISBOT = "319", "330", "335"
RPL_WHOISCERTFP, RPL_WHOISHOST, RPL_WHOISSECURE = "276", "378", "671"
RPL_LISTSTART, RPL_LIST, RPL_LISTEND = "321", "322", "323"
RPL_CHANNELMODEIS, RPL_CREATIONTIME = "324", "329"
RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME = "331", "332", "333"
RPL_INVITATION, RPL_ENDOFINVITATIONS, RPL_INVITING = "336", "337", "341"
RPL_INVITELIST, RPL_ENDOFINVITELIST = "346", "347"
RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST = "348", "349"
RPL_VERSION, RPL_WHOREPLY, RPL_NAMREPLY, RPL_WHOSPCRPL = "351", "352", "353", "354"
RPL_LINKS, RPL_ENDOFLINKS, RPL_ENDOFNAMES = "364", "365", "366"
RPL_BANLIST, RPL_ENDOFBANLIST, RPL_ENDOFWHOWAS = "367", "368", "369"
RPL_INFO, RPL_MOTD, RPL_ENDOFINFO, RPL_MOTDSTART, RPL_ENDOFMOTD = (
    *("371", "372", "374"),
    *("375", "376"),
)
RPL_YOUREOPER, RPL_REHASHING, RPL_TIME = "381", "382", "391"
RPL_VISIBLEHOST = "396"
RPL_HELPSTART, RPL_HELPTXT, RPL_ENDOFHELP = "704", "705", "706"
RPL_WHOISKEYVALUE, RPL_KEYVALUE, RPL_KEYNOTSET = "760", "761", "766"
RPL_METADATASUBOK, RPL_METADATAUNSUBOK = "770", "771"
RPL_METADATASUBS, RPL_METADATASYNCLATER = "772", "774"
RPL_MONONLINE, RPL_MONOFFLINE, RPL_MONLIST = "730", "731", "732"
RPL_ENDOFMONLIST, ERR_MONLISTFULL = "733", "734"
RPL_LOGGEDIN, RPL_LOGGEDOUT, RPL_SASLSUCCESS, RPL_SASLMECHS = (
    *("900", "901"),
    *("903", "908"),
)

ERRORS = {
    "401": "No such nick or channel",
    "402": "No such server",
    "403": "No such channel",
    "404": "Cannot send to channel",
    "405": "You have joined too many channels",
    "406": "There was no such nickname",
    "407": "Too many targets",
    "409": "No origin given",
    "410": "Invalid CAP subcommand",
    "411": "No recipient given",
    "412": "No text to send",
    "417": "Input line was too long",
    "421": "Unknown command",
    "422": "MOTD is missing",
    "431": "No nickname given",
    "432": "Erroneous nickname",
    "433": "Nickname is already in use",
    "441": "They are not on that channel",
    "442": "You are not on that channel",
    "443": "is already on channel",
    "451": "You have not registered",
    "456": "Accept list is full",
    "457": "is on your accept list already",
    "458": "is not on your accept list",
    "461": "Not enough parameters",
    "462": "You may not register again",
    "464": "Password incorrect",
    "465": "You are banned from this server",
    "468": "Your username is not valid",
    "471": "Cannot join channel (+l): it is full",
    "472": "is not a mode that this server knows",
    "473": "Cannot join channel (+i): you must be invited",
    "474": "Cannot join channel (+b): you are banned",
    "475": "Cannot join channel (+k): bad key",
    "476": "Bad channel mask",
    "477": "You must have logged in (+R)",
    "478": "Channel list is full",
    "481": "Permission denied: you are not an operator",
    "482": "You are not a channel operator",
    "483": "You cannot kill a server",
    "491": "No operators may log in from here",
    "501": "Unknown mode flag",
    "502": "Cannot change or see the modes of other users",
    "511": "Your silence list is full",
    "524": "There is no help on that",
    "525": "Key is not well-formed",
    "696": "Invalid mode parameter",
    "723": "You do not have the privileges to do that",
    "902": "You must use a nick assigned to you",
    "904": "SASL authentication failed",
    "905": "SASL message too long",
    "906": "SASL authentication aborted",
    "907": "You have already authenticated",
}

# The words of L{protocols.chat.people.RefusedError}, and their numbers.
REFUSALS = {
    "account": "477",
    "stranger": "477",
    "banned": "474",
    "closed": "473",
    "full": "471",
    "key": "475",
    "mute": "404",
    "notMember": "442",
    "notOperator": "482",
    "outside": "404",
    "taken": "433",
    "tooMany": "405",
}
