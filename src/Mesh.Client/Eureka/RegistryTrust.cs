using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Model;

namespace Mesh.Client.Eureka;

/// <summary>Checks the certificate of a registry: always, and against the configured file of authorities only, if there is one.</summary>
internal sealed class RegistryTrust(ModelInForce model)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public SslClientAuthenticationOptions Options => new()
    {
        RemoteCertificateValidationCallback = Validate,
        // A resumed session would lack the intermediate certificates.
        AllowTlsResume = false,
    };

    /// <summary>A refusal is an exception with the reason: for a plain "no", the runtime says only that a callback refused.</summary>
    /// <exception cref="AuthenticationException">The certificate is refused; the connection fails with this.</exception>
    /// <exception cref="IOException">The file of authorities cannot be read; the connection fails with this.</exception>
    /// <exception cref="CryptographicException">There is no certificate in it.</exception>
    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var file = model.Current.Options.Discovery.Eureka.CaFile;
        if (file is not { Length: > 0 })
        {
            return errors == SslPolicyErrors.None ? true
                : throw RegistryTrustErrors.Create(certificate as X509Certificate2, errors, chain, hasFile: false);
        }

        // The file may only replace the machine's authorities: the name must match all the same.
        if (certificate is not X509Certificate2 server || chain is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            throw RegistryTrustErrors.Create(
                certificate as X509Certificate2, errors & ~SslPolicyErrors.RemoteCertificateChainErrors, chain, hasFile: true);
        }

        // Read for each connection: there is one every few minutes, and a replaced file counts at once.
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        try
        {
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
            own.ChainPolicy.CustomTrustStore.AddRange(authorities);
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
            return own.Build(server) ? true
                : throw RegistryTrustErrors.Create(server, SslPolicyErrors.RemoteCertificateChainErrors, own, hasFile: true);
        }
        finally
        {
            foreach (var authority in authorities)
            {
                authority.Dispose();
            }
        }
    }
}
