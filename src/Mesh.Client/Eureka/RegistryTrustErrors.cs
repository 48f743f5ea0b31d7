using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka;

/// <summary>The errors for a registry whose certificate is refused: the reason, and what to change.</summary>
internal static class RegistryTrustErrors
{
    private const string CaFile = "Mesh:Discovery:Eureka:CaFile";
    private const int MaxNames = 5;

    /// <param name="certificate">What the registry shows; null for nothing.</param>
    /// <param name="errors">What is wrong with it.</param>
    /// <param name="chain">The chain that was built for it; null for none.</param>
    /// <param name="hasFile">Whether only the authorities of the configured file are trusted.</param>
    public static AuthenticationException Create(X509Certificate2? certificate, SslPolicyErrors errors, X509Chain? chain, bool hasFile)
    {
        if (certificate is null)
        {
            return new AuthenticationException("The registry shows no certificate.");
        }

        List<string> parts = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            parts.Add($"The certificate of the registry is for {Names(certificate)}, and not for the name in its address "
                + "(RemoteCertificateNameMismatch). Use one of these names in Mesh:Discovery:Eureka:ServiceUrls, or have a certificate "
                + "issued for the other.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            parts.Add(OfChain(certificate, chain, hasFile));
        }

        return new AuthenticationException(parts.Count > 0 ? string.Join(' ', parts)
            : $"The certificate of the registry is not trusted ({errors}).");
    }

    private static string OfChain(X509Certificate2 certificate, X509Chain? chain, bool hasFile)
    {
        var statuses = (chain?.ChainStatus ?? []).Select(static status => status.Status).ToArray();
        var said = statuses.Length == 0 ? nameof(SslPolicyErrors.RemoteCertificateChainErrors) : string.Join(", ", statuses.Distinct());
        var text = $"The certificate of the registry is not trusted ({said}).";
        if (statuses.Contains(X509ChainStatusFlags.NotTimeValid))
        {
            // It may also be one of its authorities, whose dates are of no use without its name.
            text += string.Create(
                CultureInfo.InvariantCulture,
                $" It is valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; an authority above it may have expired, "
                    + $"too.");
        }

        return statuses.Any(static status => status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain)
            ? text + (hasFile
                ? $" Only the authorities in {CaFile} are trusted: it must have the root of this one."
                : $" If it is from an authority of your own, name its root in {CaFile}.")
            : text;
    }

    private static string Names(X509Certificate2 certificate)
    {
        string[] names =
        [
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension =>
                extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString()))),
        ];
        return names.Length == 0 ? Printable.Of(certificate.Subject)
            : string.Join(", ", names.Take(MaxNames).Select(static name => Printable.Of(name, 100)))
                + (names.Length > MaxNames ? $" and {names.Length - MaxNames} more" : "");
    }
}
