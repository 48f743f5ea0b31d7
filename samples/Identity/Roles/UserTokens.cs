using Identity.Issuer;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace Identity.Roles;

/// <summary>The tokens that a service accepts: those of the issuer with this service in their audience.</summary>
internal static class UserTokens
{
    /// <summary>The key of the configuration that says where the issuer is.</summary>
    public const string AuthorityKey = "Demo:Authority";

    public static void AddUserTokens(this WebApplicationBuilder builder, string audience)
    {
        HeaderCopy.AddWhereAsked(builder);
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(bearer =>
        {
            bearer.Authority = builder.Configuration[AuthorityKey];

            // The issuer of the demo is on loopback. Anywhere else: https.
            bearer.RequireHttpsMetadata = false;

            // The claims keep their names: sub stays sub.
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters.NameClaimType = IssuerSettings.UserClaim;
            bearer.TokenValidationParameters.ValidAudience = audience;
            bearer.TokenValidationParameters.ValidTypes = ["at+jwt"];
            bearer.TokenValidationParameters.ValidAlgorithms = [IssuerSettings.Algorithm];
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
        });
    }
}
