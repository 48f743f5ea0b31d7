using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Eureka;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A registry that is not trusted is refused, with the reason and what to change.</summary>
public sealed class RegistryTrustTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public void Certificate_of_an_unknown_authority_is_refused_with_the_setting_for_it()
    {
        using var certificate = Create("registry.example");

        var refused = Refused(certificate, SslPolicyErrors.RemoteCertificateChainErrors);

        Assert.Equal(
            "The certificate of the registry is not trusted (UntrustedRoot). If it is from an authority of your own, name its root in "
            + "Mesh:Discovery:Eureka:CaFile.",
            refused.Message);
    }

    [Fact]
    public void Certificate_of_another_authority_than_the_file_has_is_refused_with_the_file()
    {
        using var certificate = Create("registry.example");
        using var other = Create("other.example");

        var refused = WithFile(other, file => Refused(certificate, SslPolicyErrors.RemoteCertificateChainErrors, file));

        Assert.StartsWith("The certificate of the registry is not trusted (", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Only the authorities in Mesh:Discovery:Eureka:CaFile are trusted: it must have the root of this one.",
            refused.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Certificate_for_another_name_is_refused_with_its_names(bool withFile)
    {
        using var certificate = Create("registry.example", "eureka.example");
        var errors = SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch;

        var refused = withFile
            ? WithFile(certificate, file => Refused(certificate, errors, file))
            : Refused(certificate, errors);

        Assert.StartsWith(
            "The certificate of the registry is for registry.example, eureka.example, and not for the name in its address "
            + "(RemoteCertificateNameMismatch). Use one of these names in Mesh:Discovery:Eureka:ServiceUrls, or have a certificate "
            + "issued for the other.",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Equal(!withFile, refused.Message.Contains("UntrustedRoot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Certificate_that_has_expired_is_refused_with_its_end(bool withFile)
    {
        using var certificate = Create(Now.AddDays(-2), Now.AddDays(-1), "registry.example");

        var refused = withFile
            ? WithFile(certificate, file => Refused(certificate, SslPolicyErrors.RemoteCertificateChainErrors, file))
            : Refused(certificate, SslPolicyErrors.RemoteCertificateChainErrors);

        Assert.Contains("NotTimeValid", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"It is valid until {Now.AddDays(-1):yyyy-MM-dd}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(!withFile, refused.Message.Contains("CaFile", StringComparison.Ordinal));
    }

    [Fact]
    public void Registry_without_a_certificate_is_refused()
    {
        var trust = new RegistryTrust(TestConfiguration.Of()).Options.RemoteCertificateValidationCallback!;

        var refused = Assert.Throws<AuthenticationException>(
            () => trust(this, null, null, SslPolicyErrors.RemoteCertificateNotAvailable));

        Assert.Equal("The registry shows no certificate.", refused.Message);
    }

    [Fact]
    public void Certificate_without_errors_is_trusted()
    {
        using var certificate = Create("registry.example");
        using var chain = new X509Chain();

        Assert.True(new RegistryTrust(TestConfiguration.Of()).Options.RemoteCertificateValidationCallback!(
            this, certificate, chain, SslPolicyErrors.None));
        Assert.True(WithFile(certificate, file => new RegistryTrust(TestConfiguration.Of(options =>
            options.Discovery.Eureka.CaFile = file)).Options.RemoteCertificateValidationCallback!(
            this, certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors)));
    }

    private AuthenticationException Refused(X509Certificate2 certificate, SslPolicyErrors errors, string? file = null)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.Build(certificate);
        var trust = new RegistryTrust(TestConfiguration.Of(options => options.Discovery.Eureka.CaFile = file)).Options;
        return Assert.Throws<AuthenticationException>(
            () => trust.RemoteCertificateValidationCallback!(this, certificate, chain, errors));
    }

    private static T WithFile<T>(X509Certificate2 authority, Func<string, T> act)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".pem");
        File.WriteAllText(file, authority.ExportCertificatePem());
        try
        {
            return act(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static X509Certificate2 Create(params string[] names) => Create(Now.AddDays(-1), Now.AddDays(1), names);

    /// <summary>A certificate that is its own authority.</summary>
    private static X509Certificate2 Create(DateTimeOffset from, DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var subject = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, subject.AddDnsName);
        request.CertificateExtensions.Add(subject.Build());
        return request.CreateSelfSigned(from, until);
    }
}
